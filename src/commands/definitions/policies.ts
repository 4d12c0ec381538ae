import type { ArgumentDefinition, CommandDefinition } from '../definition.ts';
import { BUILDS, REFRESH, UNCHANGED } from './build.ts';

const PACKAGE: ArgumentDefinition = { name: 'PACKAGE', description: 'NAME or NAME:ARCH' };
const PACKAGES: ArgumentDefinition = { ...PACKAGE, kind: 'variadic' };
const EDITS = {
  group: 'change',
  options: [...BUILDS, REFRESH, UNCHANGED],
  mutates: true,
  needsRoot: true,
} as const;

/** Verbs that edit what the spec of the current deployment says about packages beyond which ones are layered. */
export const policyCommands: readonly CommandDefinition[] = [
  {
    ...EDITS,
    path: ['layer-metadata'],
    summary: 'layer a package and say what becomes of its permissions',
    description:
      'Layers PACKAGE if it is not layered yet, and sets two policies for it. With PRESERVE false all that it ships belongs ' +
      'to root, 0755 or 0644, without setuid and extended attributes. STRATEGY says who wins where the package and ' +
      'something else have different content or metadata at one path: the later one, what was there before, or nobody: ' +
      'then it is an error that names both.',
    arguments: [
      PACKAGE,
      { name: 'PRESERVE', description: 'keep owners, modes and attributes', choices: ['true', 'false'] },
      {
        name: 'STRATEGY',
        description: 'who wins in a conflict',
        choices: ['keep-latest', 'keep-base', 'fail'],
      },
    ],
    examples: [
      { command: 'layer-metadata iputils-ping false fail', does: 'layer it without its file capability' },
    ],
    load: () => import('../layer-metadata.ts'),
  },
  {
    ...EDITS,
    path: ['layer-multiarch'],
    summary: 'layer a package of another architecture',
    description:
      'Adds ARCH to the architectures of the system and layers PACKAGE of it. TYPE says the part it plays: `same` beside the ' +
      'same package of another architecture, `foreign` a package of a foreign architecture, `allowed` one that others ' +
      'depend on with `:any`. A part that the Multi-Arch field of the package does not allow is an error that explains why.',
    arguments: [
      { name: 'PACKAGE', description: 'NAME' },
      { name: 'ARCH', description: 'architecture, such as i386' },
      { name: 'TYPE', description: 'its part', choices: ['same', 'foreign', 'allowed'] },
    ],
    examples: [
      { command: 'layer-multiarch libc6 amd64 same', does: 'say that libc6 stands beside those of others' },
      { command: 'layer-multiarch libc6 i386 foreign', does: 'make 32-bit programs run' },
    ],
    load: () => import('../layer-multiarch.ts'),
  },
  {
    ...EDITS,
    path: ['layer-scripts'],
    summary: 'layer a package and say how its maintainer scripts are judged',
    description:
      'Layers PACKAGE if it is not layered yet, and sets how its maintainer scripts are judged before they run: `strict` ' +
      'refuses the package when they do what does not work or does not belong while an image is built, `warn` reports ' +
      'that, `skip` says nothing. A script that fails ends the build in any case. With `--network private` its scripts, and those of no ' +
      'other package, may fetch something while they run (by pasta, of the package passt): what comes of that is not reproducible.',
    arguments: [PACKAGE, { name: 'MODE', description: 'how', choices: ['strict', 'warn', 'skip'] }],
    options: [
      {
        name: 'network',
        value: 'NETWORK',
        description: 'what its scripts have while they run (default: as before, and none at first)',
        choices: ['none', 'private'],
      },
      ...EDITS.options,
    ],
    examples: [
      { command: 'layer-scripts postfix strict', does: 'layer it only if its scripts are harmless' },
      {
        command: 'layer-scripts ttf-mscorefonts-installer warn --network private',
        does: 'let its scripts fetch the fonts',
      },
    ],
    load: () => import('../layer-scripts.ts'),
  },
  {
    path: ['scripts'],
    group: 'state',
    summary: 'say what the maintainer scripts of packages do',
    description:
      'Reads the maintainer scripts that would run if the packages were layered on the current deployment, follows them as ' +
      'they would run while an image is built, and reports what they do that is handled, suspicious or fatal, with ' +
      'script, line and command.',
    arguments: [PACKAGES],
    options: [{ name: 'all', description: 'also of the packages that they pull in' }, REFRESH],
    examples: [{ command: 'scripts openssh-server', does: 'see what its scripts do' }],
    needsRoot: true,
    load: () => import('../scripts.ts'),
  },
  {
    ...EDITS,
    path: ['override'],
    summary: 'put packages from files in the place of a package',
    description:
      'Takes PACKAGE from FILE instead of from the archive, in the base or in what is layered. Give several files when ' +
      'they need each other. FILE is the path of a .deb, or https://host/file.deb#sha256=HEX.',
    arguments: [PACKAGE, { name: 'FILE', description: '.deb to use', kind: 'variadic', complete: 'file' }],
    examples: [
      {
        command: 'override linux-image-generic /path/to/custom-kernel.deb',
        does: 'use a kernel of your own',
      },
    ],
    load: () => import('../override.ts'),
  },
  {
    ...EDITS,
    path: ['override', 'remove'],
    summary: 'take packages of the base out of the system',
    description:
      'The system is built without these packages of its base. Others that depend on them are named, and nothing is ' +
      'changed, unless they are removed with them.',
    arguments: [PACKAGES],
    examples: [{ command: 'override remove nano', does: 'build the system without nano' }],
    load: () => import('../override-remove.ts'),
  },
  {
    ...EDITS,
    path: ['override', 'version'],
    summary: 'use an exact version of a package',
    description:
      'Uses VERSION of a package of the base, or of one that layers pull in, also when it is older than what is there.',
    arguments: [{ name: 'PACKAGE', description: 'NAME=VERSION', kind: 'variadic' }],
    examples: [{ command: 'override version vim-tiny=2:9.1.0-1', does: 'stay at that version' }],
    load: () => import('../override-version.ts'),
  },
  {
    ...EDITS,
    path: ['override', 'reset'],
    summary: 'drop overrides',
    description: 'What was overridden comes from the base and the archive again.',
    arguments: [{ ...PACKAGE, kind: 'variadic-optional' }],
    options: [{ name: 'all', description: 'drop all of them' }, ...BUILDS, REFRESH, UNCHANGED],
    examples: [{ command: 'override reset --all', does: 'back to what base and archive have' }],
    load: () => import('../override-reset.ts'),
  },
  {
    path: ['override', 'list'],
    group: 'state',
    summary: 'list overrides',
    description:
      'Lists what the spec of a deployment overrides, for how long, and whether the archive has passed it by: then the ' +
      'override keeps an older version than there would be without it.',
    options: [REFRESH],
    examples: [{ command: 'override list', does: 'see what is not as base and archive have it' }],
    load: () => import('../override-list.ts'),
  },
  {
    ...EDITS,
    path: ['hold'],
    summary: 'keep packages at their versions',
    description:
      'Packages on hold keep their versions when the system is upgraded or something else is layered.',
    arguments: [PACKAGES],
    examples: [{ command: 'hold postgresql-17', does: 'keep a database at its version' }],
    load: () => import('../hold.ts'),
  },
  {
    ...EDITS,
    path: ['unhold'],
    summary: 'let packages change their versions again',
    description: 'Takes packages off hold.',
    arguments: [PACKAGES],
    examples: [{ command: 'unhold postgresql-17', does: 'let it be upgraded' }],
    load: () => import('../unhold.ts'),
  },
  {
    ...EDITS,
    path: ['reset'],
    summary: 'drop layers and overrides',
    description:
      'Takes everything that was layered or overridden out of the spec: what remains is the base with the files, services ' +
      'and settings of the spec. With an option only one of both.',
    options: [
      { name: 'layers', description: 'drop layers' },
      { name: 'overrides', description: 'drop overrides, removals and holds' },
      ...BUILDS,
      REFRESH,
      UNCHANGED,
    ],
    examples: [{ command: 'reset -n', does: 'say what would go' }],
    load: () => import('../reset.ts'),
  },
  {
    ...EDITS,
    path: ['rebase'],
    summary: 'put the system on another base image',
    description:
      'Builds the spec of the current deployment on another base, with its layers, overrides and settings. What the new base ' +
      'changes is said before anything is built.\n\nBASE is local://NAME for an image of the store, or apt://SUITE.',
    arguments: [{ name: 'BASE', description: 'base image' }],
    examples: [
      { command: 'rebase local://ubuntu-base/24.04', does: 'use an image that was built or imported here' },
      { command: 'rebase -n apt://forky', does: 'say what another suite would change' },
    ],
    load: () => import('../rebase.ts'),
  },
];
