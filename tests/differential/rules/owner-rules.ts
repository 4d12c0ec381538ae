import { type RuleGroup, textOf } from './rule-group.ts';

const USER = {
  name: 'rule-user',
  scripts: {
    postinst: `groupadd --system rule-group
useradd --system --gid rule-group --home-dir /var/lib/rule-user --create-home rule-user
usermod -a -G mail rule-user
install -d -o rule-user -g rule-group -m 2770 /var/lib/rule-user/spool`,
  },
};

/** Accounts that packages make, and overrides of owners and modes. */
export const ownerRules: RuleGroup = {
  name: 'accounts made by scripts; overrides of owner and mode that are there before the file',
  archive: [
    USER,
    {
      name: 'rule-overrider',
      scripts: {
        preinst: `dpkg-statoverride --add root mail 4750 /usr/lib/rule-override/file
dpkg-statoverride --add daemon root 2710 /usr/lib/rule-override/directory`,
      },
    },
    {
      name: 'rule-overridden',
      preDepends: ['rule-overrider'],
      files: {
        '/usr/lib/rule-override/file': textOf(100, 'override'),
        '/usr/lib/rule-override/directory': { directory: true },
      },
    },
  ],
  packages: ['rule-user', 'rule-overridden'],
  proofs: [
    'test "$(stat -c %U:%G /var/lib/rule-user/spool)" = rule-user:rule-group',
    'test "$(stat -c %a:%G /usr/lib/rule-override/file)" = 4750:mail',
    'test "$(stat -c %a:%U /usr/lib/rule-override/directory)" = 2710:daemon',
  ],
};

/** dpkg has read the overrides before it runs the script. */
export const lateOverrideRules: RuleGroup = {
  name: 'an override that a package makes in its own preinst comes too late for its own files',
  archive: [
    {
      name: 'rule-late',
      files: { '/usr/lib/rule-late/file': textOf(100, 'late') },
      scripts: { preinst: 'dpkg-statoverride --add root mail 4750 /usr/lib/rule-late/file' },
    },
  ],
  packages: ['rule-late'],
  proofs: ['test "$(stat -c %a:%G /usr/lib/rule-late/file)" = 644:root'],
};

/** What an archive says of owners is a name first. */
export const namedOwnerRules: RuleGroup = {
  name: 'files of an account that a pre-dependency makes',
  archive: [{ ...USER, name: 'rule-user-first' }],
  packages: ['rule-owned'],
  proofs: ['test "$(stat -c %U:%G /usr/lib/rule-owned/file)" = rule-user:rule-group'],
};
