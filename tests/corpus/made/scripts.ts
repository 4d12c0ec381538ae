import { made } from './made-package.ts';

const BODY = 'text /usr/share/$NAME/version';

/** What maintainer scripts of vendors do. */
export const BY_SCRIPT = made(
  [
    'apt-source',
    'Google Chrome',
    'the script writes a source of apt and a key',
    `${BODY}\nscript postinst <<'S'
mkdir -p /etc/apt/sources.list.d /etc/apt/trusted.gpg.d
printf '### THIS FILE IS AUTOMATICALLY CONFIGURED ###\\ndeb [arch=amd64] https://mirror.example.org/deb stable main\\n' >/etc/apt/sources.list.d/vendor.list
printf 'key' >/etc/apt/trusted.gpg.d/vendor.gpg
S
script postrm <<'S'
[ "$1" != purge ] || rm -f /etc/apt/sources.list.d/vendor.list /etc/apt/trusted.gpg.d/vendor.gpg
S
deb`,
  ],
  [
    'user',
    'a database',
    'a user and a group of its own, who owns data and configuration',
    `${BODY}\nfile /etc/$NAME/conf <<<"$VERSION"; mkdir -p root/var/lib/$NAME
script postinst <<S
getent group $NAME >/dev/null || groupadd --system $NAME
getent passwd $NAME >/dev/null || useradd --system --gid $NAME --home-dir /var/lib/$NAME --shell /usr/sbin/nologin $NAME
chown -R $NAME:$NAME /var/lib/$NAME; chown root:$NAME /etc/$NAME/conf; chmod 0640 /etc/$NAME/conf
S
script postrm <<S
[ "\\$1" != purge ] || { userdel $NAME; rm -rf /var/lib/$NAME; }
S
deb`,
  ],
  [
    'user-preinst',
    'a log shipper',
    'the user is made before the files are there',
    `${BODY}\nscript preinst <<S
set -e
getent passwd $NAME >/dev/null || useradd --system --no-create-home $NAME
S
script postinst <<S
chown -R $NAME /usr/share/$NAME
S
deb`,
  ],
  [
    'group-setgid',
    '1Password',
    'a helper that is set-gid of a group that the script makes',
    `${BODY}\nfile /opt/$NAME/helper 0755 <<<"$VERSION"\nscript postinst <<S
set -e
getent group $NAME >/dev/null || groupadd --system $NAME
chgrp $NAME /opt/$NAME/helper; chmod g+s /opt/$NAME/helper; chmod 4755 /usr/share/$NAME/version
S
deb`,
  ],
  [
    'chown-opt',
    'Splunk',
    'all of /opt/NAME for a user of the vendor',
    `text /opt/$NAME/bin/a /opt/$NAME/etc/b\nscript postinst <<S
id $NAME >/dev/null 2>&1 || useradd -r -m -d /opt/$NAME $NAME 2>/dev/null
chown -R $NAME:$NAME /opt/$NAME
S
deb`,
  ],
  [
    'systemctl',
    'a script of its own',
    'systemctl without a guard under set -e: it reloads, enables, starts and stops',
    `${BODY}\nprintf '[Service]\\nExecStart=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n' | file /usr/lib/systemd/system/$NAME.service\nscript postinst <<S
set -e
systemctl daemon-reload
systemctl enable $NAME.service
systemctl restart $NAME.service
S
script prerm <<S
set -e
systemctl stop $NAME.service
[ "\\$1" = upgrade ] || systemctl disable $NAME.service
S
deb`,
  ],
  [
    'systemctl-now',
    'a guide of how to package a service',
    'systemctl enable --now, which systemctl itself refuses in a chroot',
    `${BODY}\ntext /usr/lib/systemd/system/$NAME.service\nscript postinst <<S
set -e
systemctl enable --now $NAME.service
S
deb`,
    { refused: '--now cannot be used when systemd is not running' },
  ],
  [
    'systemctl-guarded',
    'electron-builder',
    'a unit that is enabled where systemd runs',
    `${BODY}\ntext /usr/lib/systemd/system/$NAME.service\nscript postinst <<S
set -e
systemctl daemon-reload || true
[ ! -d /run/systemd/system ] || systemctl enable --now $NAME.service
S
deb`,
  ],
  [
    'init-script',
    'a server of 2008',
    'an init script, by update-rc.d where there is one',
    `${BODY}\necho '#!/bin/sh' | file /etc/init.d/$NAME 0755\nscript postinst <<S
command -v update-rc.d >/dev/null && update-rc.d $NAME defaults >/dev/null
command -v invoke-rc.d >/dev/null && invoke-rc.d $NAME start || true
S
deb`,
  ],
  [
    'alternatives',
    'VS Code',
    'alternatives with a slave, that its prerm takes back',
    `file /usr/share/$NAME/editor 0755 <<<"$VERSION"; text /usr/share/$NAME/editor.1\nscript postinst <<S
update-alternatives --install /usr/bin/corpus-editor corpus-editor /usr/share/$NAME/editor 50 --slave /usr/bin/corpus-editor-twin corpus-editor-twin /usr/share/$NAME/editor.1
S
script prerm <<S
[ "\\$1" = upgrade ] || update-alternatives --remove corpus-editor /usr/share/$NAME/editor
S
deb`,
  ],
  [
    'alternatives-blank',
    'electron-builder',
    'the name of an alternative with a blank: AntSeed VPR',
    `${BODY}\nscript postinst <<'S'
set -e
update-alternatives --install '/usr/bin/An Example' 'An Example' /usr/share/alternatives-blank/version 100
S
deb`,
    { refused: "must not contain '/' and spaces" },
  ],
  [
    'debconf-question',
    'a mail server of a vendor',
    'a question of debconf, whose answer goes into a configuration',
    `${BODY}\nfields 'Depends: debconf'
printf 'Template: debconf-question/port\\nType: string\\nDefault: 8080\\nDescription: Port\\n The port.\\n' >root/DEBIAN/templates
script config <<'S'
set -e
. /usr/share/debconf/confmodule
db_input high debconf-question/port || true
db_go || true
S
script postinst <<'S'
set -e
. /usr/share/debconf/confmodule
db_get debconf-question/port
echo "port=$RET" >/etc/debconf-corpus.conf
db_stop
S
script postrm <<'S'
[ "$1" != purge ] || { rm -f /etc/debconf-corpus.conf; . /usr/share/debconf/confmodule; db_purge; }
S
deb`,
  ],
  [
    'divert',
    'a graphics driver',
    'a diversion of a file of the base, taken back at removal',
    `file /usr/bin/tac 0755 <<<"$VERSION"\nscript preinst <<S
dpkg-divert --package $NAME --add --rename --divert /usr/bin/tac.distrib /usr/bin/tac
S
script postrm <<S
[ "\\$1" = upgrade ] || dpkg-divert --package $NAME --remove --rename --divert /usr/bin/tac.distrib /usr/bin/tac
S
deb`,
  ],
  [
    'statoverride',
    'a mail client',
    'an override of a mode by the script',
    `${BODY}\nscript postinst <<S
dpkg-statoverride --list /usr/share/$NAME/version >/dev/null || dpkg-statoverride --update --add root mail 2751 /usr/share/$NAME/version
S
script postrm <<S
[ "\\$1" != purge ] || dpkg-statoverride --remove /usr/share/$NAME/version
S
deb`,
  ],
  [
    'links-by-script',
    'AWS Session Manager plugin',
    'links into /usr/local/bin, made by the script',
    `text /usr/local/sessionmanager/bin/plugin\nscript postinst <<'S'
ln -sf /usr/local/sessionmanager/bin/plugin /usr/local/bin/session-plugin
S
script postrm <<'S'
[ "$1" = upgrade ] || rm -f /usr/local/bin/session-plugin
S
deb`,
  ],
  [
    'payload',
    'a self-extracting installer',
    'the program comes out of an archive that the package ships',
    `${BODY}; mkdir payload; echo $VERSION >payload/program; tar czf payload.tgz payload; file /usr/share/$NAME/payload.tgz <payload.tgz\nscript postinst <<S
mkdir -p /opt/$NAME; tar xzf /usr/share/$NAME/payload.tgz -C /opt/$NAME --no-same-owner
S
script prerm <<S
rm -rf /opt/$NAME
S
deb`,
  ],
  [
    'state-file',
    'a licensing daemon',
    'the script writes its version and its log to /var',
    `${BODY}\nscript postinst <<S
exec >>/var/log/$NAME-install.log 2>&1
mkdir -p /var/lib/$NAME; echo $VERSION >/var/lib/$NAME/installed-version
S
deb`,
    {
      known: [
        {
          path: /^(v2 machine|unlayered) \/var\/lib\/state-file/,
          reason: 'what a script writes to /var stays as its first version wrote it',
        },
      ],
    },
  ],
  [
    'random',
    'a VPN client',
    'a number that is drawn at installation',
    `${BODY}\nscript postinst <<'S'
mkdir -p /etc/random-corpus; od -An -N8 -tx8 /dev/urandom >/etc/random-corpus/id
S
script postrm <<'S'
rm -rf /etc/random-corpus
S
deb`,
    { known: [{ path: / \/etc\/random-corpus\/id$/, reason: 'a number that is drawn' }] },
  ],
  [
    'fails',
    'a licensed program',
    'a script that fails, and says why',
    `${BODY}\nscript postinst <<'S'
echo 'cannot reach the licence server' >&2; exit 3
S
deb`,
    { refused: 'cannot reach the licence server' },
  ],
  [
    'preinst-release',
    'a vendor of one release',
    'a preinst that takes only Ubuntu',
    `${BODY}\nscript preinst <<'S'
. /etc/os-release
[ "$ID" = ubuntu ] || { echo "this package is for Ubuntu 20.04, not for $PRETTY_NAME" >&2; exit 1; }
S
deb`,
    { refused: 'this package is for Ubuntu 20.04' },
  ],
  [
    'fails-later',
    'a migration of a database',
    'the second version fails where the first one did not',
    `${BODY}\n[ $VERSION = 1.0 ] || script postinst <<'S'
echo 'the database cannot be migrated' >&2; exit 1
S
deb`,
    { refused: 'the database cannot be migrated' },
  ],
  [
    'no-python',
    'a package of a script',
    'an interpreter that the base does not have',
    `${BODY}\nprintf '#!/usr/bin/python3\\nprint()\\n' >root/DEBIAN/postinst; chmod 0755 root/DEBIAN/postinst; deb`,
    { refused: 'postinst' },
  ],
  [
    'missing-tool',
    'a driver of a printer',
    'a tool that the package does not depend on',
    `${BODY}\nscript postinst <<'S'
set -e
lpadmin -p corpus -E
S
deb`,
    { refused: 'lpadmin' },
  ],
  [
    'reads-input',
    'an agent with a licence',
    'a script that asks at the terminal',
    `${BODY}\nscript postinst <<'S'
set -e
printf 'Do you accept? '; read -r answer
[ "$answer" = yes ]
S
deb`,
    { refused: 'exit' },
  ],
  [
    'runs-apt',
    'a hardware vendor',
    'a script that installs another package',
    `${BODY}\nscript postinst <<'S'
set -e
apt-get -q -y install apt
S
deb`,
    { refused: 'dpkg frontend lock' },
  ],
  [
    'runs-dpkg',
    'a suite of programs',
    'a script that installs a package of its own',
    `${BODY}; mkdir -p in/DEBIAN; printf 'Package: inner\\nVersion: 1\\nArchitecture: all\\nMaintainer: a <a@example.org>\\nDescription: x\\n' >in/DEBIAN/control; quietly dpkg-deb -b in inner.deb; file /usr/share/$NAME/inner.deb <inner.deb\nscript postinst <<S
set -e
dpkg -i /usr/share/$NAME/inner.deb
S
deb`,
    { refused: 'lock' },
  ],
  [
    'daemon',
    'a remote desktop',
    'the script starts the daemon itself and does not wait',
    `${BODY}\nscript postinst <<'S'
sleep 300 &
nohup sleep 300 >/dev/null 2>&1 &
S
deb`,
  ],
  [
    'kernel',
    'a virtual machine monitor',
    'modules, udev and settings of the kernel, each with || true',
    `${BODY}\ntext /etc/modules-load.d/$NAME.conf\nscript postinst <<'S'
set -e
modprobe vboxdrv 2>/dev/null || true
udevadm control --reload-rules 2>/dev/null || true
udevadm trigger 2>/dev/null || true
sysctl --system >/dev/null 2>&1 || true
depmod -a 2>/dev/null || true
S
deb`,
  ],
  [
    'desktop',
    'jpackage',
    'the databases of desktops, where they are there',
    `${BODY}\nscript postinst <<'S'
set -e
for tool in update-desktop-database update-mime-database gtk-update-icon-cache xdg-desktop-menu; do
  if command -v $tool >/dev/null 2>&1; then $tool || true; fi
done
S
deb`,
  ],
  [
    'who-am-i',
    'a driver of a tablet',
    'a script that looks for the user behind sudo and for a desktop',
    `${BODY}\nscript postinst <<'S'
user=\${SUDO_USER:-$(logname 2>/dev/null || echo root)}
{ echo "user $user"; echo "home $HOME"; echo "uid $(id -u)"; [ -t 1 ] && echo terminal; echo "display \${DISPLAY:-none}"; echo "lang \${LC_ALL:-none}"; echo "arguments $*"; pwd; umask; } >/usr/share/who-am-i/seen
S
script prerm <<'S'
rm -f /usr/share/who-am-i/seen
S
deb`,
  ],
  [
    'environment-files',
    'a Java runtime',
    'lines in /etc/environment, /etc/shells, /etc/profile and /etc/services',
    `file /usr/bin/corpus-shell 0755 <<<"$VERSION"\nscript postinst <<'S'
grep -q CORPUS_HOME /etc/environment || echo 'CORPUS_HOME="/opt/corpus"' >>/etc/environment
add-shell /usr/bin/corpus-shell
grep -q corpus /etc/services 2>/dev/null || echo 'corpus 4711/tcp' >>/etc/services
S
script postrm <<'S'
[ "$1" = upgrade ] || { sed -i /CORPUS_HOME/d /etc/environment; remove-shell /usr/bin/corpus-shell; sed -i /corpus/d /etc/services; [ -s /etc/services ] || rm /etc/services; }
S
deb`,
  ],
  [
    'ldconfig',
    'CUDA',
    'a directory of libraries for the linker, and ldconfig',
    `text /opt/$NAME/lib/lib$NAME.so.1\nscript postinst <<S
echo /opt/$NAME/lib >/etc/ld.so.conf.d/$NAME.conf; ldconfig
S
script postrm <<S
rm -f /etc/ld.so.conf.d/$NAME.conf; ldconfig
S
deb`,
  ],
  [
    'sample-config',
    'a metrics agent',
    'a configuration is copied from a sample when there is none',
    `text /usr/share/$NAME/sample.conf\nscript postinst <<S
[ -e /etc/$NAME.conf ] || cp /usr/share/$NAME/sample.conf /etc/$NAME.conf
sed -i "s/\\$/ as configured/" /etc/$NAME.conf
S
script postrm <<S
[ "\\$1" != purge ] || rm -f /etc/$NAME.conf
S
deb`,
  ],
  [
    'postrm-deletes',
    'bor',
    'the postrm of the old version deletes what the new one ships',
    `text /var/lib/$NAME/config.toml /usr/lib/systemd/system/$NAME.service\nscript postrm <<S
rm -rf /var/lib/$NAME/config.toml /usr/lib/systemd/system/$NAME.service
S
deb`,
  ],
  [
    'prerm-fails',
    'an agent with a password',
    'the prerm refuses, so dpkg cannot remove it',
    `${BODY}\nscript prerm <<'S'
[ "$1" != remove ] || { echo 'a password is needed to remove this agent' >&2; exit 1; }
S
deb`,
  ],
  [
    'triggers',
    'a package of fonts',
    'an interest in a path and in a name, and an activation',
    `${BODY}\nprintf 'interest-noawait /usr/share/%s\\ninterest corpus-trigger\\nactivate-noawait ldconfig\\n' $NAME >root/DEBIAN/triggers\nscript postinst <<S
[ "\\$1" != triggered ] || echo "\\$2" >/var/lib/$NAME-triggered
dpkg-trigger corpus-trigger
S
script postrm <<S
[ "\\$1" != purge ] || rm -f /var/lib/$NAME-triggered
S
deb`,
    { refused: 'triggers looping' },
  ],
  [
    'scripts-in-bash',
    'Docker',
    'arrays and process substitution: a script that has to be bash',
    `${BODY}\nprintf '#!/usr/bin/env bash\\nset -euo pipefail\\nx=(a b); mapfile -t y < <(printf "%%s\\\\n" "\${x[@]}"); echo "\${y[1]}" >/usr/share/%s/written\\n' $NAME >root/DEBIAN/postinst; chmod 0755 root/DEBIAN/postinst
script prerm <<S
rm -f /usr/share/$NAME/written
S
deb`,
  ],
  [
    'script-perl',
    'a mail scanner',
    'a script in Perl with a module of the base',
    `${BODY}\nprintf '#!/usr/bin/perl -w\\nuse strict; use POSIX; print "ok\\\\n";\\n' >root/DEBIAN/postinst; chmod 0755 root/DEBIAN/postinst; deb`,
  ],
  [
    'script-binary',
    'a protected installer',
    'a script that is a program for the processor',
    `${BODY}\nfields; sed -i 's/: all/: amd64/' root/DEBIAN/control; cp /bin/true root/DEBIAN/postinst; chmod 0755 root/DEBIAN/postinst; deb`,
  ],
);
