import { MARKS, mark, marked, type RuleGroup, textOf } from './rule-group.ts';

/** setxattr(2) of amd64 without libcap2-bin: cap_net_raw, permitted and effective. */
const SET_CAPABILITY = `perl -e 'my ($path, $name) = ("/usr/lib/rule-capable/ping", "security.capability"); my $value = pack("V5", 0x02000001, 1 << 13, 0, 0, 0); syscall(188, $path, $name, $value, 20, 0) == 0 or die "setxattr: $!"'`;

/** Maintainer scripts and what they rely on. */
export const scriptRules: RuleGroup = {
  name: 'maintainer scripts: stages, diversions, debconf, alternatives, units',
  base: [
    {
      name: 'rule-base-diverter',
      files: { '/usr/bin/rule-diverted': { content: 'of the diverter\n', mode: 0o755 } },
      scripts: {
        preinst:
          'dpkg-divert --package rule-base-diverter --add --rename --divert /usr/bin/rule-diverted.distrib /usr/bin/rule-diverted',
      },
    },
    {
      name: 'rule-base-file',
      files: { '/usr/share/rule-base-file': 'of the base\n', '/usr/share/doc/rule-base-file': 'x' },
    },
  ],
  archive: [
    // Stages: each preinst needs what the one before has configured.
    {
      name: 'rule-stage-1',
      files: {
        '/usr/bin/rule-stage-tool': {
          content: '#!/bin/sh\ntest -e /var/lib/rule-stage-1 && echo works\n',
          mode: 0o755,
        },
      },
      scripts: { postinst: 'touch /var/lib/rule-stage-1' },
    },
    {
      name: 'rule-stage-2',
      preDepends: ['rule-stage-1'],
      scripts: {
        preinst: 'test "$(rule-stage-tool)" = works; touch /var/lib/rule-stage-2-preinst',
        postinst: 'test -e /var/lib/rule-stage-2-preinst; useradd --system rule-stage-user',
      },
    },
    {
      name: 'rule-stage-3',
      preDepends: ['rule-stage-2'],
      files: { '/usr/share/rule-stage-3': 'x' },
      scripts: {
        preinst: `install -d -o rule-stage-user /var/lib/rule-stage-3`,
        postinst: mark('configured'),
      },
    },
    // Diversions: made in a preinst, of a file of the base and of one that comes now; and one of the base.
    {
      name: 'rule-diverter',
      files: {
        '/usr/share/rule-base-file': 'of the diverter\n',
        '/usr/share/rule-new-file': 'of the diverter\n',
      },
      scripts: {
        preinst: `for file in rule-base-file rule-new-file; do
  dpkg-divert --package rule-diverter --add --rename --divert /usr/share/$file.aside /usr/share/$file
done`,
      },
    },
    {
      name: 'rule-diverted',
      preDepends: ['rule-diverter'],
      files: {
        '/usr/share/rule-new-file': 'diverted\n',
        '/usr/share/doc/rule-diverted': 'x',
        '/usr/bin/rule-diverted': { content: textOf(100, 'diverted'), mode: 0o755 },
      },
    },
    {
      name: 'rule-capable',
      files: { '/usr/lib/rule-capable/ping': { content: textOf(100, 'ping'), mode: 0o755 } },
      scripts: { postinst: SET_CAPABILITY },
    },
    // A script of one package touches what another has shipped or made.
    {
      name: 'rule-edited',
      files: { '/etc/rule-edited.conf': 'own=1\n', '/etc/rule-edited-long.conf': textOf(400, 'conf') },
      conffiles: ['/etc/rule-edited.conf', '/etc/rule-edited-long.conf'],
      scripts: { preinst: mark('preinst') },
    },
    {
      name: 'rule-editor',
      depends: ['rule-edited'],
      scripts: {
        postinst: `test -e ${MARKS}/rule-edited.preinst
echo added=1 >> /etc/rule-edited.conf
chmod 600 /etc/rule-edited-long.conf
rm /usr/share/doc/rule-doomed
mv /usr/share/doc/rule-renamed /usr/share/doc/rule-renamed.new`,
      },
      files: { '/usr/share/doc/rule-doomed': 'x', '/usr/share/doc/rule-renamed': textOf(100) },
    },
    {
      name: 'rule-debconf',
      depends: ['debconf'],
      control: {
        templates: `Template: rule-debconf/answer
Type: string
Default: forty two
Description: the answer
 Nobody is asked.

Template: rule-debconf/flag
Type: boolean
Default: true
Description: a flag
 Nobody is asked.
`,
      },
      scripts: {
        config: '. /usr/share/debconf/confmodule\ndb_input high rule-debconf/answer || true\ndb_go || true',
        postinst:
          '. /usr/share/debconf/confmodule\ndb_get rule-debconf/answer\necho "answer=$RET" > /etc/rule-debconf.conf\ndb_stop',
      },
    },
    {
      name: 'rule-alternative-a',
      files: {
        '/usr/bin/rule-a': { content: '#!/bin/sh\n', mode: 0o755 },
        '/usr/share/man/man1/rule-a.1': 'a',
      },
      scripts: {
        postinst:
          'update-alternatives --install /usr/bin/rule-tool rule-tool /usr/bin/rule-a 10 --slave /usr/share/man/man1/rule-tool.1 rule-tool.1 /usr/share/man/man1/rule-a.1',
      },
    },
    {
      name: 'rule-alternative-b',
      depends: ['rule-alternative-a'],
      files: { '/usr/bin/rule-b': { content: '#!/bin/sh\n', mode: 0o755 } },
      scripts: {
        postinst: 'update-alternatives --install /usr/bin/rule-tool rule-tool /usr/bin/rule-b 20',
      },
    },
    {
      name: 'rule-unit',
      files: {
        '/usr/lib/systemd/system/rule-unit.service':
          '[Unit]\nDescription=rule\n[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n',
        '/etc/init.d/rule-unit': {
          content:
            '#!/bin/sh\n### BEGIN INIT INFO\n# Provides: rule-unit\n# Required-Start:\n# Required-Stop:\n# Default-Start: 2 3 4 5\n# Default-Stop: 0 1 6\n# Short-Description: rule\n### END INIT INFO\nexit 1\n',
          mode: 0o755,
        },
      },
      conffiles: ['/etc/init.d/rule-unit'],
      scripts: {
        postinst: `deb-systemd-helper unmask rule-unit.service >/dev/null
if deb-systemd-helper --quiet was-enabled rule-unit.service; then deb-systemd-helper enable rule-unit.service >/dev/null; fi
update-rc.d rule-unit defaults >/dev/null
if [ -d /run/systemd/system ]; then deb-systemd-invoke start rule-unit.service; fi
invoke-rc.d rule-unit start || exit 1`,
      },
    },
    // Byte code, as python packages make it with a hook of their own.
    {
      name: 'rule-compiler',
      files: {
        '/usr/bin/rule-compile': {
          content:
            '#!/bin/sh\nset -e\nfor file in /usr/lib/rule-python/*.rule; do [ -e "$file" ] || continue; mkdir -p /usr/lib/rule-python/cache; md5sum < "$file" > "/usr/lib/rule-python/cache/$(basename "$file")c"; done\n',
          mode: 0o755,
        },
      },
      triggers: ['interest-noawait /usr/lib/rule-python'],
      scripts: { postinst: 'rule-compile' },
    },
    {
      name: 'rule-module',
      depends: ['rule-compiler'],
      files: { '/usr/lib/rule-python/one.rule': textOf(100, 'one'), '/usr/lib/rule-python/two.rule': '2' },
    },
  ],
  packages: [
    'rule-stage-3',
    'rule-diverted',
    'rule-capable',
    'rule-editor',
    'rule-debconf',
    'rule-alternative-b',
    'rule-unit',
    'rule-module',
  ],
  proofs: [
    marked('rule-stage-3', 'configured'),
    'grep -q "of the base" /usr/share/rule-base-file.aside && grep -qx diverted /usr/share/rule-new-file.aside',
    'grep -q "of the diverter" /usr/bin/rule-diverted && test -s /usr/bin/rule-diverted.distrib',
    'grep -q added=1 /etc/rule-edited.conf && test ! -e /usr/share/doc/rule-doomed',
    'test "$(cat /etc/rule-debconf.conf)" = "answer=forty two"',
    'test "$(readlink -f /usr/bin/rule-tool)" = /usr/bin/rule-b',
    'test -L /etc/systemd/system/multi-user.target.wants/rule-unit.service && test -L /etc/rc2.d/S01rule-unit',
    'test -s /usr/lib/rule-python/cache/one.rulec && test -s /usr/lib/rule-python/cache/two.rulec',
  ],
};
