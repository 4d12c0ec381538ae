import type { CommandDefinition } from '../definition.ts';
import { BUILDS, NO_CACHE } from './build.ts';

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
  {
    path: ['upgrade'],
    aliases: ['update'],
    group: 'change',
    summary: 'go to the newest packages and the newest base',
    description:
      'Builds the spec of the current deployment anew from what the archive has now: every layered package in its newest ' +
      'version, on the newest base. An apt:// base is made anew when the archive has other packages for it; a local:// ' +
      'base is the image that has the name now, and an engine builds a Containerfile again, with newer images of its FROM: their ' +
      'packages stay as they are unless a layered package needs newer ones. The result is put first as a new deployment; when ' +
      'nothing is new, none is made.\n\n' +
      '--preview says what would change, with download sizes, origins and security updates, and --check only lists it. ' +
      'Both fetch package lists and change nothing else. --dry-run is --preview.\n\n' +
      'When newest versions cannot be installed together, the message names the package that blocks. With --skip-blocked ' +
      'such packages keep their versions as long as the archive has them, and the result says which and why.',
    options: [
      { name: 'check', description: 'only say whether there is something to upgrade, and what' },
      { name: 'preview', description: 'say what would change' },
      { name: 'install', value: 'PACKAGE', description: 'also layer this package', repeatable: true },
      {
        name: 'uninstall',
        value: 'PACKAGE',
        description: 'also drop this layered package',
        repeatable: true,
      },
      NO_CACHE,
      { name: 'skip-blocked', description: 'keep packages whose newest version cannot be installed' },
      {
        name: 'automatic',
        description:
          'do as `automatic-updates` in /etc/apt-layer/apt-layer.conf says: off, check, stage or apply',
      },
      ...BUILDS,
      { name: 'unchanged-exit-77', description: 'end with exit code 77 when there is nothing to upgrade' },
    ],
    examples: [
      { command: 'upgrade', does: 'build and deploy the newest' },
      { command: 'upgrade --preview', does: 'see what that would bring' },
      { command: 'upgrade --check --unchanged-exit-77', does: 'ask in a script' },
      { command: 'upgrade --install tmux', does: 'add a package on the way' },
    ],
    mutates: true,
    needsRoot: true,
    load: () => import('../upgrade.ts'),
  },
  {
    path: ['search'],
    group: 'state',
    summary: 'search the packages of the archive',
    description:
      'Lists the packages whose names or descriptions match every word (a regular expression, upper and lower case alike), ' +
      "with what is installed and what is layered marked. It is the current deployment's own apt that searches, in the " +
      'archives of that deployment and not of the host. Package lists older than an hour are fetched first; a build that ' +
      'is running is no obstacle. Without root it looks at the lists that root fetched last, says how old they are, and ' +
      'fetches none.',
    arguments: [{ name: 'WORD', description: 'word in a name or description', kind: 'variadic' }],
    options: [
      { name: 'refresh', description: 'fetch package lists even when those at hand are recent; needs root' },
    ],
    examples: [
      { command: 'search editor', does: 'find editors' },
      { command: 'search ^lib ssl', does: 'packages that match both' },
    ],
    load: () => import('../search.ts'),
  },
  {
    path: ['refresh-md'],
    group: 'maintenance',
    summary: 'fetch the package lists',
    description:
      'Fetches the package lists of the sources of the current deployment, and of those that its base is made from, and ' +
      'says for each source whether there was something new. Lists that are less than an hour old are good enough, for ' +
      'builds too, unless --force is given.',
    options: [{ name: 'force', short: 'f', description: 'fetch them even when those at hand are recent' }],
    examples: [{ command: 'refresh-md --force', does: 'get the lists of this minute' }],
    mutates: true,
    needsRoot: true,
    load: () => import('../refresh-md.ts'),
  },
  {
    path: ['cancel'],
    group: 'maintenance',
    summary: 'stop the transaction that is running',
    description:
      'Asks the process that is changing the sysroot to stop, and waits until it has: up to 30 seconds, or as long as ' +
      '--wait says. A transaction that is stopped changes nothing; doing the same again goes on with what was fetched and ' +
      'imported. When nothing is running, it says so.',
    options: [{ name: 'unchanged-exit-77', description: 'end with exit code 77 when nothing was running' }],
    examples: [
      { command: 'cancel', does: 'stop what is running' },
      { command: 'cancel --wait 120', does: 'and wait up to two minutes for its end' },
    ],
    mutates: true,
    needsRoot: 'to-change',
    load: () => import('../cancel.ts'),
  },
];
