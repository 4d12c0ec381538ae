import type { CommandDefinition, OptionDefinition } from '../definition.ts';

const SELECTOR = 'id, unique prefix, image digest prefix, index, booted, staged, pending or rollback';

const SEVERITIES = ['unimportant', 'unassigned', 'low', 'medium', 'high', 'critical'];

const DATA: readonly OptionDefinition[] = [
  {
    name: 'data',
    value: 'FILE',
    description: 'use this data instead of what `vulnerability-data` names',
    repeatable: true,
    complete: 'file',
  },
  {
    name: 'vex',
    value: 'FILE',
    description: 'OpenVEX that says which vulnerabilities do no harm here, and why',
    repeatable: true,
    complete: 'file',
  },
  { name: 'refresh', description: 'ask for newer data even when the copy at hand is recent; needs root' },
];

/** Verbs about what is known to be wrong with what is installed. */
export const securityCommands: readonly CommandDefinition[] = [
  {
    path: ['cve'],
    group: 'state',
    summary: 'list the known vulnerabilities of a deployment',
    description:
      'Holds the packages of a deployment against what its distribution knows of vulnerabilities: which of them it has, in ' +
      'which version they are fixed, and which packages bring them. Each has a state: `fixed` in the archive of the ' +
      'release, so that an upgrade closes it; `open`; what the distribution decided, `no-dsa`, `postponed`, `ignored` or ' +
      '`end-of-life`; or `undetermined`. Packages that are not of the distribution are counted and listed as not covered.\n\n' +
      `The operand is a deployment (${SELECTOR}) or local://NAME for an image of the store; without it, it is the booted ` +
      'deployment or else the first. Data comes from the addresses of `vulnerability-data` in ' +
      '/etc/apt-layer/apt-layer.conf, by default of Debian: root brings a copy of more than six hours up to date first; ' +
      'without root it looks at the copy that root fetched last. It is an error when no data is of the release at hand.\n\n' +
      '--fail-on ends with exit code 1 when something of that severity or worse is found among what is listed.',
    arguments: [
      { name: 'DEPLOYMENT', description: 'deployment, or local://NAME for an image', kind: 'optional' },
    ],
    options: [
      { name: 'fixable', description: 'list only what an upgrade of the packages closes' },
      {
        name: 'severity',
        value: 'LEVEL',
        description: 'list only what is so severe, or more',
        choices: SEVERITIES,
      },
      {
        name: 'package',
        value: 'PATTERN',
        description: 'list only what is in packages, or of source packages, of such a name',
        repeatable: true,
      },
      {
        name: 'fail-on',
        value: 'LEVEL',
        description: 'end with exit code 1 when something so severe, or more, is listed',
        choices: SEVERITIES,
      },
      { name: 'sarif', description: 'print SARIF 2.1.0, for services that show it beside the code' },
      { name: 'write-vex', description: 'print a draft of OpenVEX about what is listed' },
      ...DATA,
    ],
    examples: [
      { command: 'cve', does: 'what is known of the current deployment' },
      { command: 'cve --fixable --fail-on high', does: 'let a build fail that an upgrade would mend' },
      { command: 'cve local://web --severity medium', does: 'what is wrong with an image' },
      { command: 'cve --package openssl --json', does: 'all that is known of one package' },
    ],
    load: () => import('../cve.ts'),
  },
  {
    path: ['cve', 'diff'],
    group: 'state',
    summary: 'compare the known vulnerabilities of two deployments',
    description:
      'Says which known vulnerabilities going from A to B closes, which it opens, and how many stay, by the same data for ' +
      'both. The operands are those of `db diff`: without B, the current deployment is compared with A; without both, the ' +
      'booted one with the pending one or, when none is pending or booted, the previous one with the current.',
    arguments: [
      { name: 'A', description: 'the older side', kind: 'optional' },
      { name: 'B', description: 'the newer side', kind: 'optional' },
    ],
    options: DATA,
    examples: [
      { command: 'cve diff', does: 'what the last change closed' },
      { command: 'cve diff booted pending', does: 'what a restart will close' },
    ],
    load: () => import('../cve-diff.ts'),
  },
  {
    path: ['sbom'],
    group: 'state',
    summary: 'print what is in a deployment as SPDX or CycloneDX',
    description:
      'Prints a bill of materials of an image, as JSON of SPDX 2.3 or CycloneDX 1.6: its packages and the source packages that ' +
      'they were made from, each with its package URL (purl), version, maintainer, dependencies, the hash of its .deb where ' +
      'the lock has it, and its licence where its copyright file is machine-readable. It follows from the image, and from ' +
      'what is recorded of it, alone: the same is printed each time.\n\n' +
      `The operand is a deployment (${SELECTOR}) or local://NAME for an image of the store; without it, it is the booted ` +
      'deployment or else the first. Without root licences and hashes of what the base brings are left out, since they are ' +
      'in files that only root may read.',
    arguments: [
      { name: 'DEPLOYMENT', description: 'deployment, or local://NAME for an image', kind: 'optional' },
    ],
    options: [
      {
        name: 'format',
        value: 'FORMAT',
        description: 'the form of the document',
        choices: ['spdx', 'cyclonedx'],
        default: 'spdx',
      },
    ],
    examples: [
      { command: 'sbom >system.spdx.json', does: 'what is in the current deployment, as SPDX' },
      { command: 'sbom --format cyclonedx pending', does: 'what the next boot has, as CycloneDX' },
      { command: 'sbom local://web', does: 'what is in an image' },
    ],
    load: () => import('../sbom.ts'),
  },
];
