import type { Category, Severity } from './model.ts';

/** What a command means for a script that runs at build time: offline, without services, in a sandbox. */
export interface CommandRule {
  readonly category: Category;
  readonly severity: Severity;
  readonly reason: string;
  /** Holds only for operands (joined by blanks, `?` for those that are not known) that match. */
  readonly operands?: RegExp;
}

type Row = readonly [
  names: string,
  severity: Severity,
  category: Category,
  reason: string,
  operands?: RegExp,
];

const OFFLINE_LINKS = 'it only makes links, which works without systemd';
const NO_SERVICES = 'policy-rc.d forbids services while the image is built';
const NO_SYSTEMD = 'no systemd runs while the image is built: the call fails';
const IGNORED =
  'no systemd runs while the image is built: the call is ignored, and the service starts with the system';
const KEPT = 'it works offline; its records are part of the image';
const GENERATES =
  'what it generates is the same on every machine of the image, unless it is made again at boot';
const LATER = 'the build does this itself, once, after all scripts';
const HOST_KERNEL = 'it speaks to the kernel of the machine that builds';
/** Why commands that fetch something are warned of. */
export const NO_NETWORK = 'there is no network while the image is built';

/** The first row with the name, and with fitting operands, counts. */
const ROWS: readonly Row[] = [
  [
    'systemctl',
    'handled',
    'service',
    OFFLINE_LINKS,
    /^(?:-\S+ )*(?:enable|disable|mask|unmask|preset|preset-all|is-enabled|set-default|get-default|--version)\b/,
  ],
  [
    'systemctl',
    'handled',
    'service',
    'it only asks; without systemd the question is ignored',
    /^(?:-\S+ )*(?:is-active|is-failed|is-system-running|show|status|cat|list-\S+)\b/,
  ],
  ['systemctl', 'warning', 'service', IGNORED],
  ['deb-systemd-helper', 'handled', 'service', OFFLINE_LINKS],
  ['deb-systemd-invoke invoke-rc.d', 'handled', 'service', NO_SERVICES],
  ['update-rc.d', 'handled', 'service', OFFLINE_LINKS],
  [
    'service start-stop-daemon initctl',
    'warning',
    'service',
    'it bypasses policy-rc.d: it may start a service in the build',
  ],
  ['journalctl', 'handled', 'cache', 'it works offline', /--update-catalog/],
  ['systemd-run loginctl journalctl busctl machinectl', 'warning', 'service', NO_SYSTEMD],
  ['dbus-send gdbus', 'warning', 'runtime', 'no message bus runs while the image is built'],

  ['update-alternatives', 'handled', 'alternatives', KEPT],
  ['dpkg-divert', 'handled', 'diversions', KEPT],
  ['dpkg-statoverride', 'handled', 'files', KEPT],
  ['dpkg-trigger', 'handled', 'triggers', 'dpkg runs the trigger at the end'],
  ['dpkg-maintscript-helper', 'handled', 'conffiles', 'it does nothing without an old version'],
  ['ucf ucfr ucfq', 'handled', 'conffiles', KEPT],
  [
    'apt apt-get aptitude',
    'warning',
    'packages',
    'packages cannot be changed from within a script: dpkg is locked',
  ],
  [
    'dpkg',
    'warning',
    'packages',
    'packages cannot be changed from within a script: dpkg is locked',
    /^(?:-\S+ )*(?:-i|--install|-r|--remove|-P|--purge|--unpack|--configure)\b/,
  ],
  ['dpkg-reconfigure', 'warning', 'debconf', 'dpkg is locked while a script runs'],
  [
    'debconf-set-selections debconf-communicate debconf db_go db_input db_get db_set db_reset db_version db_stop db_title db_subst db_fset db_fget db_settitle db_capb db_beginblock db_endblock db_register db_unregister db_purge db_metaget db_clear db_info db_progress db_x_loadtemplatefile db_x_loadtemplate db_block',
    'handled',
    'debconf',
    'debconf answers with defaults and preset values',
  ],
  ['dbc_go', 'warning', 'dbconfig', 'no database server can be reached: set the database up after the boot'],

  [
    'adduser addgroup useradd groupadd usermod groupmod deluser delgroup userdel groupdel gpasswd chage systemd-sysusers newusers',
    'handled',
    'users',
    'it works offline; ids are kept from the base',
  ],
  ['passwd chpasswd', 'warning', 'secrets', 'a password in the image is the same on every machine'],
  ['pam-auth-update', 'handled', 'users', KEPT],
  ['chown chgrp chmod setfacl', 'handled', 'files', 'owners, modes and attributes are kept in the image'],
  ['setcap', 'handled', 'files', 'the capability is kept in the image'],
  ['systemd-tmpfiles', 'handled', 'files', 'what it makes in /run is dropped, in /var it is a template'],
  ['mknod', 'warning', 'files', 'device nodes do not outlive the build'],

  ['update-initramfs mkinitramfs dracut', 'handled', 'kernel', LATER],
  ['depmod dkms linux-update-symlinks linux-run-hooks', 'handled', 'kernel', LATER],
  ['udevadm', 'safe', 'kernel', 'it tells its version', /^--version/],
  ['modprobe insmod rmmod sysctl udevadm kmod modinfo', 'warning', 'kernel', HOST_KERNEL],
  [
    'uname',
    'warning',
    'kernel',
    'it tells the kernel of the machine that builds',
    /(?:^|\s)-[a-zA-Z]*[arvn]/,
  ],
  [
    'update-grub update-grub2 grub-mkconfig grub-install grub-probe grub-set-default grub-editenv bootctl kernel-install lilo extlinux efibootmgr mokutil zipl flash-kernel',
    'warning',
    'bootloader',
    'boot loaders are set up per deployment, not in the image',
  ],
  [
    'apparmor_parser aa-remove-unknown',
    'handled',
    'kernel',
    'profiles are loaded at boot; the call does nothing here',
  ],
  [
    'aa-enabled aa-status',
    'handled',
    'kernel',
    'it asks the kernel of the machine that builds; both answers work',
  ],
  [
    'update-secureboot-policy',
    'warning',
    'bootloader',
    'it looks at the firmware of the machine that builds',
  ],

  [
    'hostname hostnamectl domainname dnsdomainname',
    'warning',
    'hostname',
    'the name is that of the build, and would stay in the image',
  ],
  ['ssh-keygen', 'safe', 'secrets', 'it shows a key', /^-[lyB]/],
  [
    'ssh-keygen dropbearkey rndc-confgen make-ssl-cert uuidgen dbus-uuidgen systemd-machine-id-setup certtool mcookie pwgen wg',
    'warning',
    'secrets',
    GENERATES,
  ],
  ['openssl', 'warning', 'secrets', GENERATES, /^(?:genrsa|genpkey|req|rand|dhparam|ecparam|gendsa)\b/],
  ['gpg gpg2', 'warning', 'secrets', GENERATES, /--(?:quick-|full-)?gen(?:erate)?-key/],

  [
    'wget curl ftp nc ping ping6 host dig nslookup rsync scp ssh git pip pip3 npm freshclam',
    'warning',
    'network',
    NO_NETWORK,
  ],
  [
    'ip ifconfig ifup ifdown route iptables ip6tables nft ipset netplan nmcli resolvectl ethtool',
    'warning',
    'network',
    'the network of the sandbox is not that of the system',
  ],
  [
    'newaliases postalias',
    'warning',
    'runtime',
    'it needs a network interface: the table has to be made at boot',
  ],
  ['mount umount swapon swapoff losetup', 'warning', 'mount', 'the sandbox allows no mounts'],

  ['kill pkill killall skill fuser', 'warning', 'process', 'only the processes of the build can be seen'],
  ['pgrep pidof ps', 'handled', 'process', 'only the processes of the build can be seen'],
  ['crontab at', 'handled', 'runtime', 'it becomes part of the image'],
  ['date', 'warning', 'runtime', 'it sets the clock of the machine that builds', /(?:^|\s)(?:-s|--set)\b/],
  [
    'timedatectl localectl hwclock chvt setupcon loadkeys setfont',
    'warning',
    'runtime',
    'there is neither systemd nor a console while the image is built',
  ],

  ['reboot poweroff halt shutdown telinit kexec', 'fatal', 'reboot', 'it would end the system it runs on'],
  ['init', 'fatal', 'reboot', 'it would end the system it runs on', /^[06sS]$/],
  [
    'mkfs mkswap fdisk sfdisk cfdisk parted sgdisk wipefs blkdiscard',
    'fatal',
    'disk',
    'it would overwrite a disk',
  ],
  ['mke2fs mkdosfs mkntfs', 'fatal', 'disk', 'it would overwrite a disk'],
  ['dd', 'fatal', 'disk', 'it would overwrite a disk', /(?:^|\s)of=\/dev\/(?!null|stdout|stderr)/],
  ['cryptsetup', 'fatal', 'disk', 'it would overwrite a disk', /\b(?:luksFormat|erase|luksErase)\b/],

  ['py3compile pypy3compile py3clean pyclean pycompile', 'handled', 'cache', 'it works offline'],
  [
    'ldconfig update-mime-database update-desktop-database gtk-update-icon-cache update-icon-caches fc-cache glib-compile-schemas gio-querymodules mandb update-ca-certificates locale-gen update-locale install-info texhash mktexlsr updmap-sys fmtutil-sys update-texmf update-catalog update-xmlcatalog install-docs update-info-dir update-dictcommon-aspell update-dictcommon-hunspell update-fonts-alias update-fonts-dir update-fonts-scale update-menus update-default-wordlist update-default-ispell update-gsfontmap aspell-autobuildhash update-mime update-fmtutil update-texmf-config update-perl-sax-parsers update-cracklib gtk-query-immodules-3.0 gdk-pixbuf-query-loaders appstreamcli keytool kpsewhich update-updmap xfonts-traditional',
    'handled',
    'cache',
    'it works offline',
  ],
  [
    'a2enmod a2dismod a2enconf a2disconf a2ensite a2dissite phpenmod phpdismod phpquery emacs-package-install',
    'handled',
    'conffiles',
    KEPT,
  ],

  ['. source', 'handled', 'shell', 'the file is read when the script runs; it is not looked into'],
  ['eval', 'handled', 'shell', 'what it runs is only known when the script runs'],
];

/** Commands that do what they say to files of the image, or only read and print. */
const SAFE =
  ': [ [[ test true false echo printf cat cd pwd set unset export readonly local declare typeset shift exit return break continue ' +
  'read getopts trap umask wait type hash command exec builtin alias unalias shopt let times ulimit test mapfile readarray ' +
  'rm rmdir mkdir cp mv ln touch install mktemp tempfile readlink realpath basename dirname stat ls find xargs sort uniq head tail ' +
  'cut tr sed awk gawk mawk grep egrep fgrep zgrep wc tee cmp diff comm join paste expr seq sleep env nice ionice nohup timeout ' +
  'which id getent groups whoami who date md5sum sha1sum sha256sum sha512sum cksum gzip gunzip zcat bzip2 xz tar cpio od ' +
  'perl python3 sh bash dash su runuser setpriv chroot dpkg dpkg-query dpkg-architecture dpkg-vendor dpkg-deb run-parts savelog ' +
  'uname openssl gpg gpg2 init dd cryptsetup sync arch nproc printenv du df file tac rev fold fmt iconv patch ed truncate ' +
  'ischroot systemd-detect-virt lsb_release rmdir tput stty tty clear logger base64 bc dc';

const RULES: ReadonlyMap<string, readonly CommandRule[]> = index();

function index(): Map<string, CommandRule[]> {
  const rules = new Map<string, CommandRule[]>();
  const add = (name: string, rule: CommandRule) => rules.set(name, [...(rules.get(name) ?? []), rule]);
  for (const [names, severity, category, reason, operands] of ROWS)
    for (const name of names.split(' '))
      add(
        name,
        operands === undefined ? { severity, category, reason } : { severity, category, reason, operands },
      );
  const reason = 'it changes nothing but files of the image';
  for (const name of SAFE.split(' ')) add(name, { severity: 'safe', category: 'shell', reason });
  return rules;
}

const UNKNOWN: CommandRule = {
  severity: 'handled',
  category: 'program',
  reason: 'a program of a package: whether it works offline shows when it runs',
};

/** Whether a name is in the table. */
export function isKnownCommand(name: string): boolean {
  return RULES.has(name);
}

/** The rule for a program, named without its directory. `operands` are joined by blanks. */
export function ruleOf(name: string, operands: string): CommandRule {
  if (/^mkfs\./.test(name)) return ruleOf('mkfs', operands);
  const fits = (rule: CommandRule) => rule.operands === undefined || rule.operands.test(operands);
  return RULES.get(name)?.find(fits) ?? UNKNOWN;
}
