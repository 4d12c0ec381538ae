import type { CommandDefinition } from '../definition.ts';

export const maintenanceCommands: readonly CommandDefinition[] = [
  {
    path: ['validate'],
    group: 'maintenance',
    summary: 'check that this host can do the work',
    description:
      'Checks the kernel, the tools and the rights that apt-layer needs, and says for each one that is missing ' +
      'what to do about it. Ends with exit code 4 when something needed is missing. ' +
      '`apt-layer --validate` is the same.',
    examples: [{ command: '--validate', does: 'check this host' }],
    load: () => import('../validate.ts'),
  },
];
