import { TRACES_OF_APT } from '../support/compare-trees.ts';

/** A difference that is meant, or that no two runs of apt-get agree on either. */
export interface Documented {
  readonly pattern: RegExp;
  readonly reason: string;
}

/** What may differ from plain apt-get in a chroot, and why. Anything else is a bug. */
export const DOCUMENTED: readonly Documented[] = [
  ...TRACES_OF_APT.map(pattern => ({ pattern, reason: 'when and how apt ran' })),
  { pattern: /^\/etc\/(machine-id|hostname|hosts|resolv\.conf)$/, reason: 'identity of the chroot' },
  { pattern: /^\/var\/lib\/dbus\/machine-id$/, reason: 'identity of the chroot' },
  { pattern: /^\/var\/log\//, reason: 'logs' },
  { pattern: /^\/var\/backups\//, reason: 'backups' },
  { pattern: /^\/etc\/.*\.dpkg-(old|new|dist|tmp)$/, reason: 'backups' },
  { pattern: /^\/etc\/ssh\/ssh_host_.*_key(\.pub)?$/, reason: 'secrets, made on first boot' },
  { pattern: /^\/etc\/ssl\/(private|certs)\/ssl-cert-snakeoil\./, reason: 'secrets, made on first boot' },
  {
    pattern: /^\/etc\/ssl\/certs\/[0-9a-f]{8}\.\d+$/,
    reason: 'links to certificates by hash, to the snakeoil one among them',
  },
  { pattern: /^\/etc\/bind\/rndc\.key$/, reason: 'secrets, made on first boot' },
  {
    pattern: /^\/etc\/(iscsi\/initiatorname\.iscsi|nvme\/host(nqn|id))$/,
    reason: 'secrets, made on first boot',
  },
  { pattern: /^\/etc\/xrdp\/rsakeys\.ini$/, reason: 'secrets, made on first boot' },
  {
    pattern: /^\/usr\/lib\/(apt-layer\/|systemd\/system\/(sysinit\.target\.wants\/)?apt-layer-)/,
    reason: 'what makes secrets on first boot',
  },
  { pattern: /^\/usr\/lib\/apt-layer$/, reason: 'what makes secrets on first boot' },
  {
    pattern: /^\/usr\/lib\/systemd\/system\/sysinit\.target\.wants$/,
    reason: 'what makes secrets on first boot',
  },
  {
    pattern: /^\/var\/lib\/(mysql|postgresql|ldap|samba)\//,
    reason: 'databases that are made with random keys',
  },
  { pattern: /^\/etc\/(ldap\/slapd\.d|postgresql)\//, reason: 'databases that are made with random keys' },
  { pattern: /^\/etc\/popularity-contest\.conf$/, reason: 'a random number' },
  { pattern: /^\/var\/cache\/(debconf|fontconfig|man|apparmor|swcatalog|app-info)\//, reason: 'caches' },
  { pattern: /^\/usr\/share\/info\/dir(\.old)?$/, reason: 'order of configuration' },
  { pattern: /^\/etc\/systemd\/system\/display-manager\.service$/, reason: 'order of configuration' },
  { pattern: /^\/etc\/X11\/default-display-manager$/, reason: 'order of configuration' },
  { pattern: /^\/var\/lib\/(ucf|texmf|ghostscript|emacsen-common)\//, reason: 'order of configuration' },
  { pattern: /\/ls-R(-.*)?$/, reason: 'order of configuration' },
  { pattern: /^\/boot\/initrd\.img-/, reason: 'the initramfs records when it was made' },
];

/** Files of accounts: names must agree, numbers depend on the order of configuration. */
export const ACCOUNTS = /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)$/;
