import type { CommandDefinition, OptionDefinition } from '../definition.ts';

export const REFRESH: OptionDefinition = {
  name: 'refresh',
  description: 'fetch package lists even when those at hand are recent',
};
export const NO_CACHE: OptionDefinition = {
  name: 'no-cache',
  description:
    'have an engine build a Containerfile with newer images of its FROM and nothing from its cache',
};
export const UNCHANGED: OptionDefinition = {
  name: 'unchanged-exit-77',
  description: 'end with exit code 77 when nothing changed',
};

/** When a change takes effect on the machine that runs from the sysroot; elsewhere it does at once. */
export const EFFECT: readonly OptionDefinition[] = [
  { name: 'now', description: 'make it the default at once, not at shutdown' },
  { name: 'reboot', short: 'r', description: 'restart the machine when it is done' },
  {
    name: 'renumber-accounts',
    description: 'go on where an account of the image has a number that is taken here, and owns files of it',
  },
];

/** The same of verbs that build. */
export const BUILDS: readonly OptionDefinition[] = [
  ...EFFECT,
  { name: 'fresh', description: 'install all packages on the base in one go, whatever was there before' },
  {
    name: 'force-policy',
    value: 'REASON',
    description:
      'go on where rules of the spec (`security`) refuse the system; who did it and why is recorded',
  },
];

/** Verbs that edit the spec of the current deployment, and verbs that work on a spec in a file. */
export const buildCommands: readonly CommandDefinition[] = [
  {
    path: ['layer'],
    aliases: ['install'],
    group: 'change',
    summary: 'add packages to the system',
    description:
      'Adds packages to the spec of the current deployment, installs them and what they need onto its other packages, and puts ' +
      'the result first as a new deployment. The current one stays as it is, to roll back to.\n\n' +
      'PACKAGE is NAME, NAME:ARCH, NAME=VERSION, NAME/SUITE or the path of a .deb file. What is layered already ' +
      'keeps its versions. With --fresh, as with each `upgrade`, all packages are installed again on the base image in one go.\n\n' +
      'Where a package conflicts with one of the base, the other goes only when you say so: with --remove, as the answer to a ' +
      'question on a terminal, or with -y. What goes is under `remove` in the spec until it is layered again.',
    arguments: [{ name: 'PACKAGE', description: 'package to add', kind: 'variadic' }],
    options: [
      {
        name: 'remove',
        value: 'PACKAGE',
        description: 'take this package out in the same step, such as one that PACKAGE conflicts with',
        repeatable: true,
      },
      { name: 'allow-downgrade', description: 'also when packages go back to older versions for it' },
      ...BUILDS,
      REFRESH,
      UNCHANGED,
    ],
    examples: [
      { command: 'layer vim git', does: 'add two packages' },
      { command: 'layer ./tool_1.0_amd64.deb', does: 'add a package from a file' },
      { command: 'layer postfix --remove exim4-base', does: 'put one mail server in the place of another' },
      { command: 'layer -n build-essential', does: 'only say what it would bring' },
    ],
    mutates: true,
    needsRoot: true,
    load: () => import('../layer.ts'),
  },
  {
    path: ['unlayer'],
    aliases: ['uninstall'],
    group: 'change',
    summary: 'drop layered packages from the system',
    description:
      'Takes packages that were layered out of the spec of the current deployment, and what only they needed. What was layered ' +
      'before the first that goes stays as it is, the rest is installed again; no other version comes. To drop a package of the base image, use `remove:` in the spec.',
    arguments: [{ name: 'PACKAGE', description: 'package to drop, as `status` lists it', kind: 'variadic' }],
    options: [...BUILDS, REFRESH, UNCHANGED],
    examples: [{ command: 'unlayer git', does: 'drop one package and what only it needed' }],
    mutates: true,
    needsRoot: true,
    load: () => import('../unlayer.ts'),
  },
  {
    path: ['compose', 'tree'],
    group: 'build',
    summary: 'build the system that a spec describes',
    description:
      'Builds the image of a spec and puts it first as a new deployment. With --no-deploy it only builds.\n\n' +
      'A lock beside the spec (written by `compose lock`) is kept to as far as the archive still has its versions. With ' +
      '--locked nothing is resolved and no list of an archive is read: the base and the packages are those of the lock, by ' +
      'its addresses and hashes, and a spec that the lock is not of is an error.\n\n' +
      'With --check it builds twice from the same packages and lists every path in which the two images differ; it ends ' +
      'with exit code 1 when there is one.',
    arguments: [{ name: 'FILE', description: 'spec to build', complete: 'file' }],
    options: [
      { name: 'no-deploy', description: 'build the image, but make no deployment' },
      { name: 'ref', value: 'NAME', description: 'keep the image under this name: it becomes local://NAME' },
      { name: 'locked', description: 'take what the lock says, and nothing else' },
      {
        name: 'new-name',
        description: 'also when the machine runs a system of another `name`, whose /var it will not have',
      },
      NO_CACHE,
      { name: 'check', description: 'build it twice, compare the images, keep neither' },
      ...BUILDS,
      REFRESH,
      UNCHANGED,
    ],
    examples: [
      { command: 'compose tree examples/debian-13.yaml', does: 'build and deploy a Debian 13' },
      {
        command: 'compose tree server.yaml --no-deploy --ref server/1',
        does: 'build a base for other specs',
      },
      { command: 'compose tree server.yaml --locked', does: 'build exactly what server.yaml.lock.json says' },
    ],
    mutates: true,
    needsRoot: true,
    load: () => import('../compose-tree.ts'),
  },
  {
    path: ['compose', 'validate'],
    group: 'build',
    summary: 'check a spec',
    description:
      'Reads a spec and reports every mistake in it with file, line and column. Nothing is fetched or built.',
    arguments: [{ name: 'FILE', description: 'spec to check', complete: 'file' }],
    examples: [{ command: 'compose validate server.yaml', does: 'check one spec' }],
    load: () => import('../compose-validate.ts'),
  },
  {
    path: ['compose', 'lint'],
    group: 'build',
    summary: 'say what in a spec is seldom meant',
    description:
      'Checks a spec as `compose validate` does, and then says what is valid but worth a second look: builds that are not ' +
      'pinned by a lock, files that only new machines get, passwords, scripts that nobody looks at, exceptions that end soon. Ends with exit code 1 ' +
      'when there is something.',
    arguments: [{ name: 'FILE', description: 'spec to check', complete: 'file' }],
    examples: [{ command: 'compose lint server.yaml', does: 'look for what is seldom meant' }],
    load: () => import('../compose-lint.ts'),
  },
  {
    path: ['compose', 'explain'],
    group: 'build',
    summary: 'say why a package is in a deployment',
    description:
      'Shows which request of the spec PACKAGE comes from: named itself, part of the base image, or needed by something ' +
      'that is named, with the shortest ways down to it, and what the rules of the spec (`security`) say of it.',
    arguments: [
      { name: 'PACKAGE', description: 'NAME or NAME:ARCH' },
      { name: 'DEPLOYMENT', description: 'id, digest, name or index; default: the first', kind: 'optional' },
    ],
    examples: [{ command: 'compose explain libpython3-stdlib', does: 'say what brought it' }],
    load: () => import('../compose-explain.ts'),
  },
  {
    path: ['compose', 'lock'],
    group: 'build',
    summary: 'write down the exact packages of a spec',
    description:
      'Resolves a spec against the archive and writes version, address and hash of every package, those of an apt:// base ' +
      'too, to FILE.lock.json. Later builds of the spec keep to them. Where somebody else changes the spec or the lock ' +
      'meanwhile, nothing is written.',
    arguments: [{ name: 'FILE', description: 'spec to resolve', complete: 'file' }],
    options: [
      {
        name: 'output',
        short: 'o',
        value: 'LOCK',
        description: 'file to write instead of FILE.lock.json',
        complete: 'file',
      },
      REFRESH,
    ],
    examples: [{ command: 'compose lock server.yaml', does: 'write server.yaml.lock.json' }],
    mutates: true,
    needsRoot: true,
    load: () => import('../compose-lock.ts'),
  },
  {
    path: ['compose', 'schema'],
    group: 'build',
    summary: 'print the JSON Schema of specs',
    description: 'Prints a JSON Schema that editors can check and complete specs with.',
    examples: [{ command: 'compose schema > apt-layer.schema.json', does: 'save it for an editor' }],
    load: () => import('../compose-schema.ts'),
  },
];
