import type { CommandDefinition } from '../definition.ts';

const SELECTOR = 'id, unique prefix, image digest prefix, index, booted, staged, pending or rollback';

/** Verbs about packages: what deployments have, what the archive has, and getting from one to the other. */
export const packageCommands: readonly CommandDefinition[] = [
  {
    path: ['db', 'list'],
    group: 'state',
    summary: 'list the packages of a deployment',
    description:
      "Lists name, version and architecture of every package in a deployment's image, from the image's own package " +
      'database.\n\n' +
      `The first word is a deployment (${SELECTOR}, or local://NAME for an image of the store) when it names one; ` +
      'without it, it is the booted deployment or else the first. All other words are patterns for names, in which `*` ' +
      'and `?` stand for any text and any character.',
    arguments: [
      {
        name: 'ID-OR-PATTERN',
        description: 'deployment, then names of packages',
        kind: 'variadic-optional',
      },
    ],
    examples: [
      { command: 'db list', does: 'list all packages of the current deployment' },
      { command: 'db list rollback vim*', does: 'which vim the previous one has' },
    ],
    load: () => import('../db-list.ts'),
  },
  {
    path: ['db', 'diff'],
    group: 'state',
    summary: 'compare the packages of two deployments',
    description:
      'Says which packages come, go and change their version from A to B, and what that takes or frees. Without B, it ' +
      'compares the current deployment (the booted one, else the first) with A. Without both, it compares the booted ' +
      'deployment with the pending one or, when none is pending or booted, the previous one with the current.\n\n' +
      `A and B are ${SELECTOR}, or local://NAME for an image of the store. With --changelogs, each upgraded package is ` +
      'followed by what its changelog says of the versions between, where the image has it. `--json` has the keys of ' +
      '`rpm-ostree db diff`, and sizes.',
    arguments: [
      { name: 'A', description: 'the older side', kind: 'optional' },
      { name: 'B', description: 'the newer side', kind: 'optional' },
    ],
    options: [
      {
        name: 'format',
        value: 'FORMAT',
        description: 'block groups packages by what happened to them, diff has a line for each version',
        choices: ['block', 'diff'],
        default: 'block',
      },
      { name: 'changelogs', description: 'also show the changelog entries between the versions' },
    ],
    examples: [
      { command: 'db diff', does: 'what the last change brought' },
      { command: 'db diff 1 0 --changelogs', does: 'and why' },
    ],
    load: () => import('../db-diff.ts'),
  },
];
