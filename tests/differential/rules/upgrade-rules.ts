import type { DebDescription } from '../../support/deb.ts';
import { mark, marked, type RuleGroup, textOf } from './rule-group.ts';

const CONFFILES = ['kept', 'changed', 'edited', 'edited-kept', 'removed', 'gone', 'dropped'];

/** A package whose configuration files meet an administrator; `edition` changes those that an update changes. */
function configured(edition: number): DebDescription {
  const names = edition === 1 ? CONFFILES : [...CONFFILES.filter(name => name !== 'gone'), 'new'];
  const unchanged = new Set(['kept', 'edited-kept']);
  const shipped = names.filter(name => name !== 'dropped' || edition === 1);
  return {
    name: 'rule-configured',
    version: `${edition}.0`,
    files: Object.fromEntries(
      shipped.map(name => [
        `/etc/rule-configured/${name}`,
        textOf(90, unchanged.has(name) ? 'same' : `edition ${edition}`),
      ]),
    ),
    conffiles: [
      ...shipped.map(name => `/etc/rule-configured/${name}`),
      ...(edition === 1 ? [] : ['remove-on-upgrade /etc/rule-configured/dropped']),
    ],
    scripts: { postinst: mark(`postinst-${edition}`), prerm: mark(`prerm-${edition}`) },
  };
}

const moved = (version: string): DebDescription => ({
  name: 'rule-mover',
  version,
  files:
    version === '1.0'
      ? { '/usr/share/rule-moved': textOf(80, 'moved'), '/usr/share/rule-stays': 'x' }
      : { '/usr/share/rule-stays': 'y' },
});

const shaped = (version: string): DebDescription => ({
  name: 'rule-shape',
  version,
  files:
    version === '1.0'
      ? {
          '/usr/share/rule-shape/was-directory/file': 'x',
          '/usr/share/rule-shape/was-link': { symlink: 'target' },
          '/usr/share/rule-shape/target/file': 'x',
        }
      : {
          '/usr/share/rule-shape/was-directory': { symlink: 'target' },
          '/usr/share/rule-shape/was-link/other': 'y',
          '/usr/share/rule-shape/target/file': 'y',
        },
});

/** Packages that the base has in another version or state: dpkg unpacks these itself. */
export const upgradeRules: RuleGroup = {
  name: 'upgrades, removed packages with residue, files that change hands',
  base: [
    configured(1),
    moved('1.0'),
    shaped('1.0'),
    { name: 'rule-again', version: '1.0', files: { '/usr/share/rule-again': textOf(100) } },
    {
      name: 'rule-residue',
      version: '1.0',
      files: { '/etc/rule-residue.conf': 'one\n', '/usr/share/rule-residue': 'one' },
      conffiles: ['/etc/rule-residue.conf'],
      scripts: { postrm: mark('postrm') },
    },
    {
      name: 'rule-overlapped',
      version: '1.0',
      files: { '/usr/share/rule-overlap': 'old', '/usr/share/r-o': 'o' },
    },
    { name: 'rule-taken', version: '1.0', files: { '/usr/share/rule-taken': 'all of it goes' } },
  ],
  prepare: `echo edited > /etc/rule-configured/edited
echo edited > /etc/rule-configured/edited-kept
rm /etc/rule-configured/removed
echo edited >> /etc/rule-residue.conf
dpkg --remove rule-residue >/dev/null
ln -s real.conf /etc/rule-link.conf
echo of the administrator > /etc/real.conf
echo of the administrator > /etc/rule-there.conf`,
  archive: [
    configured(2),
    moved('2.0'),
    shaped('2.0'),
    {
      name: 'rule-taker',
      version: '2.0',
      replaces: ['rule-mover (<< 2)'],
      breaks: ['rule-mover (<< 2)'],
      files: { '/usr/share/rule-moved': textOf(80, 'taken') },
    },
    {
      name: 'rule-residue',
      version: '2.0',
      files: { '/etc/rule-residue.conf': 'two\n', '/usr/share/rule-residue': 'two' },
      conffiles: ['/etc/rule-residue.conf'],
      scripts: {
        preinst: `echo "$@" > /var/lib/rule-residue.preinst`,
        postinst: `echo "$@" > /var/lib/rule-residue.postinst`,
      },
    },
    {
      name: 'rule-overlapper',
      replaces: ['rule-overlapped (<< 2)', 'rule-taken'],
      files: { '/usr/share/rule-overlap': 'new', '/usr/share/rule-taken': 'new' },
    },
    // Two new packages with one file: who comes first does not matter.
    {
      name: 'rule-new-old',
      version: '1.0',
      files: { '/usr/share/rule-both-new': 'old', '/usr/share/r-n-o': 'x' },
    },
    {
      name: 'rule-new-new',
      replaces: ['rule-new-old (<< 2)'],
      files: { '/usr/share/rule-both-new': 'new' },
    },
    {
      name: 'rule-linked-conf',
      files: { '/etc/rule-link.conf': 'of the package\n', '/etc/rule-there.conf': 'of the package\n' },
      conffiles: ['/etc/rule-link.conf', '/etc/rule-there.conf'],
    },
    {
      name: 'rule-flagged',
      files: { '/etc/rule-flagged.conf': 'x' },
      conffiles: ['/etc/rule-flagged.conf', 'remove-on-upgrade /etc/rule-flagged-old.conf'],
    },
  ],
  packages: [
    'rule-configured=2.0',
    'rule-taker',
    'rule-mover=2.0',
    'rule-shape=2.0',
    'rule-again=1.0',
    'rule-residue',
    'rule-overlapper',
    'rule-new-old',
    'rule-new-new',
    'rule-linked-conf',
    'rule-flagged',
  ],
  proofs: [
    marked('rule-configured', 'prerm-1'),
    marked('rule-configured', 'postinst-2'),
    'grep -qx edited /etc/rule-configured/edited && test ! -e /etc/rule-configured/removed',
    'grep -q "edition 2" /etc/rule-configured/changed && grep -q "edition 2" /etc/rule-configured/new',
    'dpkg -S /usr/share/rule-moved | grep -q ^rule-taker: && grep -q taken /usr/share/rule-moved',
    'grep -q edited /etc/rule-residue.conf && grep -qx "configure 1.0" /var/lib/rule-residue.postinst',
    'grep -qx new /usr/share/rule-overlap && grep -qx new /usr/share/rule-both-new',
    'grep -q administrator /etc/rule-there.conf && test -L /etc/rule-link.conf',
    'grep -q remove-on-upgrade /var/lib/dpkg/status',
  ],
};

/** An older version, asked for by name. */
export const downgradeRules: RuleGroup = {
  name: 'a downgrade',
  base: [{ name: 'rule-down', version: '2.0', files: { '/usr/share/rule-down': 'two' } }],
  archive: [{ name: 'rule-down', version: '1.0', files: { '/usr/share/rule-down': 'one' } }],
  packages: ['rule-down=1.0'],
  proofs: ['dpkg -s rule-down | grep -qx "Version: 1.0"', 'grep -qx one /usr/share/rule-down'],
};
