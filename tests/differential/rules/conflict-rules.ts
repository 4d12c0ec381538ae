import type { DebDescription } from '../../support/deb.ts';

/** Packages that both ways must refuse. */
export interface ConflictRule {
  readonly name: string;
  readonly archive: readonly DebDescription[];
  readonly packages: readonly string[];
  /** What the program's message has to name. */
  readonly names: readonly string[];
  /** What dpkg says, where that is not that a file is also in another package. */
  readonly refusal?: RegExp;
}

export const conflictRules: readonly ConflictRule[] = [
  {
    name: 'two new packages with one file',
    archive: [
      { name: 'rule-clash-a', files: { '/usr/share/rule-clash': 'a' } },
      { name: 'rule-clash-b', depends: ['rule-clash-a'], files: { '/usr/share/rule-clash': 'b' } },
    ],
    packages: ['rule-clash-b'],
    names: ['rule-clash-a', 'rule-clash-b', '/usr/share/rule-clash'],
  },
  {
    name: 'a file of the base',
    archive: [{ name: 'rule-clash-base', files: { '/usr/bin/dpkg': 'mine' } }],
    packages: ['rule-clash-base'],
    names: ['rule-clash-base', 'dpkg', '/usr/bin/dpkg'],
  },
  {
    name: 'a Replaces of other versions',
    archive: [
      { name: 'rule-clash-new', version: '3.0', files: { '/usr/share/rule-clash-version': 'a' } },
      {
        name: 'rule-clash-replaces',
        depends: ['rule-clash-new'],
        replaces: ['rule-clash-new (<< 2)'],
        files: { '/usr/share/rule-clash-version': 'b' },
      },
    ],
    packages: ['rule-clash-replaces'],
    names: ['rule-clash-new', 'rule-clash-replaces', '/usr/share/rule-clash-version'],
  },
];
