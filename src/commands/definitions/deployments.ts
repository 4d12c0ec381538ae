import type { ArgumentDefinition, CommandDefinition, OptionDefinition } from '../definition.ts';

const SELECTOR = 'id, unique prefix, image digest prefix, index, booted, staged, pending or rollback';
const DEPLOYMENT: ArgumentDefinition = { name: 'ID', description: `deployment: ${SELECTOR}` };
const DEPLOYMENTS: ArgumentDefinition = { ...DEPLOYMENT, kind: 'variadic' };

const REBOOT: OptionDefinition = {
  name: 'reboot',
  short: 'r',
  description: 'restart the machine when it is done',
};

/** Verbs that show deployments and their history. They need neither root nor the lock. */
const stateCommands: readonly CommandDefinition[] = [
  {
    path: ['status'],
    group: 'state',
    summary: 'show the deployments',
    description:
      'Lists the deployments in boot order. The one marked with a dot is the one that runs or, on a sysroot that is not ' +
      'booted, the one that the next boot takes. With -v it says more about each.\n\n' +
      'With --json the keys are those of rpm-ostree.',
    examples: [
      { command: 'status', does: 'show what is there' },
      { command: 'status --json', does: 'the same for programs' },
    ],
    load: () => import('../status.ts'),
  },
  {
    path: ['log'],
    aliases: ['history'],
    group: 'state',
    summary: 'show what was done',
    description:
      'Lists the transactions of this sysroot, the newest first, with their results. What the machine does by itself at boot ' +
      'and at shutdown is left out unless it failed or --all is given. The full output of the tools that a transaction ' +
      'ran is in state/transactions/ID/log. The last 200 are kept. Without root, what may be a secret in a command line ' +
      'is ***.',
    options: [
      { name: 'lines', short: 'l', value: 'N', description: 'only the newest N', default: '20' },
      { name: 'all', short: 'a', description: 'also what the machine does by itself' },
    ],
    examples: [{ command: 'log --lines 5', does: 'the last five changes' }],
    load: () => import('../log.ts'),
  },
  {
    path: ['diff'],
    group: 'state',
    summary: 'compare two deployments',
    description:
      'Says which packages, kernel arguments and files differ from A to B; files are for root alone. Without B, it compares the current deployment (the booted one, ' +
      'else the first) with A. Without both, it compares the booted deployment with the pending one or, when none is ' +
      'pending or booted, the previous one with the current.\n\n' +
      `A and B are ${SELECTOR}, or local://NAME for an image of the store. Compared are the images: /etc and /var as ` +
      'they were shipped. A time of modification alone is no difference without --times.',
    arguments: [
      { name: 'A', description: 'the older side', kind: 'optional' },
      { name: 'B', description: 'the newer side', kind: 'optional' },
    ],
    options: [
      { name: 'packages', description: 'only packages' },
      { name: 'files', description: 'only files' },
      { name: 'path', value: 'PATH', description: 'only files at or below this path' },
      { name: 'times', description: 'also list files that differ in their time of modification only' },
    ],
    examples: [
      { command: 'diff', does: 'what the last change brought' },
      { command: 'diff rollback 0 --packages', does: 'only its packages' },
      { command: 'diff 1 0 --path /etc', does: 'what differs in the default configuration' },
    ],
    load: () => import('../diff.ts'),
  },
];

const ETC_DIFF: CommandDefinition = {
  path: ['etc', 'diff'],
  group: 'state',
  summary: 'show what a machine changed in /etc',
  description:
    'Compares the /etc of a deployment, by default the one that runs, with the one that its image came with: A for what was added, D for what ' +
    'was deleted, M for what was changed, and what of it. Without root, paths that others may not read here or in the image are named with a ?, and ' +
    'the exit code is 1.',
  arguments: [{ ...DEPLOYMENT, kind: 'optional' }],
  examples: [{ command: 'etc diff', does: 'see what is not the default any more' }],
  load: () => import('../etc-diff.ts'),
};

/** Verbs that choose among deployments, build none and finish at once. */
export const deploymentCommands: readonly CommandDefinition[] = [
  ...stateCommands,
  ETC_DIFF,
  {
    path: ['deploy'],
    group: 'deployment',
    summary: 'make a deployment the default',
    description: 'Puts a deployment that exists first in the boot order. Nothing is built or copied.',
    arguments: [DEPLOYMENT],
    options: [
      REBOOT,
      { name: 'unchanged-exit-77', description: 'end with exit code 77 when nothing changed' },
    ],
    examples: [{ command: 'deploy my-deployment-20250128-143022', does: 'boot this one next' }],
    mutates: true,
    needsRoot: 'to-change',
    load: () => import('../deploy.ts'),
  },
  {
    path: ['rollback'],
    group: 'deployment',
    summary: 'go back to the previous deployment',
    description:
      'Makes the previous deployment the default. Doing it twice changes nothing. While another deployment than the ' +
      'booted one is pending, it stays with the booted one instead.',
    options: [REBOOT],
    examples: [
      { command: 'rollback', does: 'boot the previous deployment next' },
      { command: 'rollback --reboot', does: 'and do it now' },
    ],
    mutates: true,
    needsRoot: 'to-change',
    load: () => import('../rollback.ts'),
  },
  {
    path: ['pin'],
    group: 'deployment',
    summary: 'keep a deployment for good',
    description: 'Pins deployments, so that no cleanup removes them.',
    arguments: [DEPLOYMENTS],
    examples: [{ command: 'pin 0', does: 'keep the current deployment' }],
    mutates: true,
    needsRoot: 'to-change',
    load: () => import('../pin.ts'),
  },
  {
    path: ['unpin'],
    group: 'deployment',
    summary: 'let go of a pinned deployment',
    description: 'Takes the pin off deployments. They stay until a cleanup removes them.',
    arguments: [DEPLOYMENTS],
    examples: [{ command: 'unpin my-deployment-20250128-143022', does: 'let a cleanup have it' }],
    mutates: true,
    needsRoot: 'to-change',
    load: () => import('../unpin.ts'),
  },
  {
    path: ['cleanup'],
    group: 'maintenance',
    summary: 'remove old deployments and what nothing uses',
    description:
      'Removes deployments other than the booted one, the default, the one to roll back to, staged and pinned ones; then ' +
      'build results, downloads, and files of the store that nothing uses. Base images stay.',
    options: [
      // No default here: with --automatic there is none to contradict.
      {
        name: 'keep',
        value: 'N',
        description: 'leave at least the first N deployments (two where nothing is said)',
      },
      {
        name: 'automatic',
        description: 'as /etc/apt-layer/apt-layer.conf says, and nothing while a new deployment is on trial',
      },
    ],
    examples: [
      { command: 'cleanup -n', does: 'say what would go and how much space that frees' },
      { command: 'cleanup --keep 5', does: 'leave five deployments' },
    ],
    mutates: true,
    needsRoot: true,
    load: () => import('../cleanup.ts'),
  },
];
