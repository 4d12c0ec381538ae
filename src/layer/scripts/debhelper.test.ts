// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell writes expansions so, too
import { expect, it } from 'vitest';
import { analyseScript } from './index.ts';

/** What `[ "$1" = ... ]` of most snippets asks for. */
const CONFIGURING =
  'if [ "$1" = "configure" ] || [ "$1" = "abort-upgrade" ] || [ "$1" = "abort-deconfigure" ] || [ "$1" = "abort-remove" ] ; then';

/** As debhelper 13 generates them, and each finding as `line category: programs`; `-` where it does not run. */
const SNIPPETS: readonly (readonly [tool: string, text: string, findings: readonly string[]])[] = [
  [
    'dh_installsystemd, enabling',
    `${CONFIGURING}
	deb-systemd-helper unmask 'demo.service' >/dev/null || true
	if deb-systemd-helper --quiet was-enabled 'demo.service'; then
		deb-systemd-helper enable 'demo.service' >/dev/null || true
	else
		deb-systemd-helper update-state 'demo.service' >/dev/null || true
	fi
fi`,
    [
      '3 service: deb-systemd-helper',
      '4 service: deb-systemd-helper',
      '5 service: deb-systemd-helper',
      '7 service: deb-systemd-helper',
    ],
  ],
  [
    'dh_installsystemd, starting',
    `${CONFIGURING}
	if [ -d /run/systemd/system ]; then
		systemctl --system daemon-reload >/dev/null || true
		if [ -n "$2" ]; then
			_dh_action=restart
		else
			_dh_action=start
		fi
		deb-systemd-invoke $_dh_action 'demo.service' >/dev/null || true
	fi
fi`,
    ['- 4 service: systemctl', '- 10 service: deb-systemd-invoke'],
  ],
  [
    'dh_installinit',
    `${CONFIGURING}
	if [ -z "\${DPKG_ROOT:-}" ] && [ -x "/etc/init.d/demo" ]; then
		update-rc.d demo defaults >/dev/null
		if [ -n "$2" ]; then
			_dh_action=restart
		else
			_dh_action=start
		fi
		invoke-rc.d --skip-systemd-native demo $_dh_action || exit 1
	fi
fi`,
    ['4 service: update-rc.d', '10 service: invoke-rc.d'],
  ],
  [
    'dh_installtmpfiles',
    `${CONFIGURING}
	if [ -x "$(command -v systemd-tmpfiles)" ]; then
		systemd-tmpfiles \${DPKG_ROOT:+--root="$DPKG_ROOT"} --create demo.conf || true
	fi
fi`,
    ['4 files: systemd-tmpfiles'],
  ],
  [
    'dh_installsysusers',
    `${CONFIGURING}
   systemd-sysusers \${DPKG_ROOT:+--root="$DPKG_ROOT"} demo.conf
fi`,
    ['3 users: systemd-sysusers'],
  ],
  [
    'dh_apparmor',
    `if [ "$1" = "configure" ]; then
    APP_PROFILE="/etc/apparmor.d/demo"
    if [ -f "$APP_PROFILE" ]; then
        LOCAL_APP_PROFILE="/etc/apparmor.d/local/demo"
        test -e "$LOCAL_APP_PROFILE" || {
            mkdir -p \`dirname "$LOCAL_APP_PROFILE"\`
            install --mode 644 /dev/null "$LOCAL_APP_PROFILE"
        }
        if aa-enabled --quiet 2>/dev/null; then
            apparmor_parser -r -T -W "$APP_PROFILE" || true
        fi
    fi
fi`,
    ['10 kernel: aa-enabled', '11 kernel: apparmor_parser'],
  ],
  [
    'dh_installdeb',
    'dpkg-maintscript-helper rm_conffile /etc/demo.conf 2.13.1-2\\~ -- "$@"',
    ['2 conffiles: dpkg-maintscript-helper'],
  ],
  [
    'dh_ucf',
    `if [ "$1" = "configure" ] || [ "$1" = "abort-upgrade" ]; then
	ucf --three-way "/usr/share/demo/demo.conf" "/etc/demo.conf"
	ucfr --force demo "/etc/demo.conf"
fi`,
    ['3 conffiles: ucf', '4 conffiles: ucfr'],
  ],
  [
    'dh_installalternatives',
    `${CONFIGURING}
        update-alternatives --install /usr/bin/mt mt /usr/bin/mt-demo 10 \\
            --slave /usr/share/man/man1/mt.1.gz mt.1.gz /usr/share/man/man1/mt-demo.1.gz
fi`,
    ['3 alternatives: update-alternatives'],
  ],
  [
    'dh_installmenu',
    `if [ "$1" = "configure" ] && [ -x "\`command -v update-menus\`" ] && [ -x "$DPKG_ROOT\`command -v update-menus\`" ]; then
	update-menus
fi`,
    ['3 cache: update-menus'],
  ],
  [
    'dh_python3',
    `if command -v py3compile >/dev/null 2>&1; then
	py3compile -p demo
fi
if command -v pypy3compile >/dev/null 2>&1; then
	pypy3compile -p demo  || true
fi`,
    ['3 cache: py3compile', '6 cache: pypy3compile'],
  ],
  [
    'dh_installemacsen',
    `${CONFIGURING}
	if [ -e /var/lib/emacsen-common/state/package/installed/emacsen-common -a -x /usr/lib/emacsen-common/emacs-package-install ] ; then
		/usr/lib/emacsen-common/emacs-package-install --postinst demo
	fi
fi`,
    ['4 conffiles: emacs-package-install'],
  ],
];

it.each(SNIPPETS)('%s', (_tool, text, expected) => {
  const bytes = Buffer.from(`#!/bin/sh\n${text}\n`);
  const { findings } = analyseScript({ name: 'postinst', bytes, package: 'demo' });
  const telling = findings.filter(({ severity }) => severity !== 'safe');
  expect(
    telling.map(
      ({ live, line, category, programs }) => `${live ? '' : '- '}${line} ${category}: ${programs.join()}`,
    ),
  ).toEqual(expected);
  expect(telling.every(({ severity }) => severity === 'handled')).toBe(true);
});
