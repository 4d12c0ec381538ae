import type { DebDescription } from '../../support/deb.ts';
import { MARKS, marked, type RuleGroup } from './rule-group.ts';

/** Leaves a mark for each trigger that a package was told of, whatever the order. */
const REMEMBER = `mkdir -p ${MARKS}
if [ "$1" = triggered ]; then
  for name in $2; do touch "${MARKS}/$DPKG_MAINTSCRIPT_PACKAGE.$(echo "$name" | tr / _)"; done
fi`;

const watcher = (name: string, triggers: readonly string[]): DebDescription => ({
  name,
  triggers,
  scripts: { postinst: REMEMBER },
});

/** Activates the other trigger once: a cycle that ends. */
const cyclic = (name: string, own: string, other: string): DebDescription => ({
  name,
  triggers: [`interest-noawait ${own}`],
  scripts: {
    postinst: `${REMEMBER}
if [ "$1" = triggered ] && [ ! -e /var/lib/${name}-again ]; then
  touch /var/lib/${name}-again
  dpkg-trigger --no-await ${other}
fi`,
  },
});

/** Triggers of each kind: of packages of the base and of new ones, by files, by control members and from scripts. */
export const triggerRules: RuleGroup = {
  name: 'triggers of each kind, and a cycle of two',
  base: [
    watcher('rule-watch-await', ['interest /usr/share/rule-await', 'interest rule-word-await']),
    watcher('rule-watch-await2', [
      'interest-await /usr/share/rule-await2',
      'interest-await rule-word-await2',
    ]),
    watcher('rule-watch-noawait', [
      'interest-noawait /usr/share/rule-noawait',
      'interest-noawait rule-word-noawait',
      'interest-noawait /usr/share/rule-await',
    ]),
    watcher('rule-watch-exact', ['interest-noawait /usr/share/rule-exact/file']),
    watcher('rule-watch-unhit', ['interest-noawait /usr/share/rule-unhit', 'interest rule-word-unhit']),
    watcher('rule-watch-script', ['interest-noawait rule-word-script', 'interest rule-word-script-await']),
    cyclic('rule-cycle-a', 'rule-word-cycle-a', 'rule-word-cycle-b'),
    cyclic('rule-cycle-b', 'rule-word-cycle-b', 'rule-word-cycle-a'),
  ],
  archive: [
    {
      name: 'rule-files',
      files: {
        '/usr/share/rule-await/deep/file': 'x',
        '/usr/share/rule-await2/file': 'x',
        '/usr/share/rule-noawait': { directory: true },
        '/usr/share/rule-exact/file': 'x',
        '/usr/share/rule-unhitched': 'only a prefix of the name\n',
        '/usr/share/rule-new-interest/file': 'x',
      },
    },
    {
      name: 'rule-words',
      triggers: [
        'activate rule-word-await',
        'activate-await rule-word-await2',
        'activate-noawait rule-word-noawait',
        'activate rule-word-nobody',
      ],
    },
    {
      name: 'rule-caller',
      scripts: {
        postinst: 'dpkg-trigger --no-await rule-word-script; dpkg-trigger rule-word-script-await',
      },
    },
    watcher('rule-new-watcher', [
      'interest-noawait /usr/share/rule-new-interest',
      'interest rule-word-await',
    ]),
    { name: 'rule-cycle-start', triggers: ['activate-noawait rule-word-cycle-a'] },
  ],
  packages: ['rule-files', 'rule-words', 'rule-caller', 'rule-new-watcher', 'rule-cycle-start'],
  proofs: [
    marked('rule-watch-await', '_usr_share_rule-await'),
    marked('rule-watch-await', 'rule-word-await'),
    marked('rule-watch-await2', '_usr_share_rule-await2'),
    marked('rule-watch-noawait', '_usr_share_rule-noawait'),
    marked('rule-watch-exact', '_usr_share_rule-exact_file'),
    marked('rule-watch-script', 'rule-word-script-await'),
    `! ${marked('rule-watch-unhit', '_usr_share_rule-unhit')}`,
    'test -e /var/lib/rule-cycle-b-again',
    'dpkg -s rule-cycle-a | grep -qx "Status: install ok installed"',
  ],
};
