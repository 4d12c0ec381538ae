import { volatileAction } from '../../src/apt/volatile.ts';
import type { ByteString } from '../../src/formats/bytes/index.ts';
import type { DifferenceClass } from './difference.ts';

interface Row {
  readonly path: RegExp;
  /** The kinds of difference that are explained; any other at the same path stays one. */
  readonly kinds: readonly DifferenceClass[];
}

interface Documented {
  readonly reason: string;
  readonly rows: readonly Row[];
}

const content = (path: RegExp): Row => ({ path, kinds: ['content'] });
const missing = (path: RegExp): Row => ({ path, kinds: ['missing'] });
const extra = (path: RegExp): Row => ({ path, kinds: ['extra'] });
const made = (path: RegExp): Row => ({
  path,
  kinds: ['missing', 'extra', 'content', 'symlink target', 'hard links'],
});

/** Differences that are meant, or that no two runs of apt-get agree on either. Anything else is a bug. */
const DOCUMENTED: readonly Documented[] = [
  {
    reason: 'identity of the chroot',
    rows: [
      made(/^\/etc\/(hostname|hosts|resolv\.conf|mailname)$/),
      // Asks for the name of the host.
      content(/^\/etc\/postfix\/main\.cf$/),
      // A link to the one of systemd.
      { path: /^\/var\/lib\/dbus\/machine-id$/, kinds: ['type', 'extra'] },
    ],
  },
  {
    reason: 'secrets and empty databases, made on first boot',
    rows: [
      missing(/^\/etc\/ssh\/ssh_host_[^/]+_key(\.pub)?$/),
      missing(/^\/etc\/ssl\/(private\/ssl-cert-snakeoil\.key|certs\/ssl-cert-snakeoil\.pem)$/),
      made(/^\/etc\/ssl\/certs\/([0-9a-f]{8}\.\d+|ssl-cert-snakeoil\.pem)$/),
      missing(/^\/etc\/bind\/rndc\.key$/),
      missing(/^\/etc\/(iscsi\/initiatorname\.iscsi|nvme\/host(nqn|id))$/),
      missing(/^\/etc\/xrdp\/rsakeys\.ini$/),
      missing(/^\/var\/lib\/mysql\/.+$/),
      missing(/^\/var\/lib\/postgresql\/\d+\/main(\/.*)?$/),
      missing(/^\/etc\/(popularity-contest\.conf|cron\.d\/popularity-contest|aliases\.db)$/),
      missing(/^\/etc\/ldap\/slapd\.d(\/.*)?$/),
      missing(/^\/var\/lib\/ldap\/[^/]+\.mdb$/),
      missing(/^\/var\/lib\/spamassassin\/(sa-update-keys|\.spamassassin\/sa-compile\.cache)\/.+$/),
      content(/^\/etc\/roundcube\/config\.inc\.php$/),
      missing(/^\/var\/lib\/phpmyadmin\/blowfish_secret\.inc\.php$/),
      extra(/^\/usr\/lib\/apt-layer(\/(make-secrets|slapd-password))?$/),
      extra(/^\/usr\/lib\/systemd\/system\/(sysinit\.target\.wants\/)?apt-layer-secrets\.service$/),
      extra(/^\/usr\/lib\/systemd\/system\/sysinit\.target\.wants$/),
    ],
  },
  {
    reason: 'where dkms finds its state in an image',
    rows: [extra(/^\/etc\/dkms\/framework\.conf\.d\/apt-layer\.conf$/)],
  },
  {
    reason: 'random keys and numbers',
    rows: [
      content(/^\/var\/lib\/(samba|varnish|freeradius)\//),
      content(/^\/etc\/mysql\/debian\.cnf$/),
      // The password of a package's database, which is empty in an image, in what is made of it as well.
      content(/^\/etc\/dbconfig-common\/|^\/var\/lib\/ucf\/cache\/:etc:dbconfig-common:/),
      content(/^\/etc\/(phpmyadmin\/config|roundcube\/debian)-db\.php$/),
      content(/^\/var\/lib\/ucf\/cache\/:etc:(phpmyadmin:config-db|roundcube:(debian-db|config\.inc))\.php$/),
      // Sums of these: what other files have is compared by itself.
      content(/^\/var\/lib\/ucf\/hashfile$/),
      content(/^\/etc\/(postgresql|corosync|pacemaker|freeradius\/[^/]+\/certs)\//),
      content(/^\/etc\/varnish\/secret$/),
      // Each entry has the time it was made; ours none later than the image.
      content(/^\/etc\/ssl\/certs\/java\/cacerts$/),
      // mkconf says when.
      content(/^\/etc\/mdadm\/mdadm\.conf$/),
      content(/^\/var\/lib\/(erlang|rabbitmq)\/\.erlang\.cookie$/),
    ],
  },
  {
    reason: 'caches',
    rows: [
      // Of /usr/local/share/fonts, which is made while configuring and so younger than the image: fc-cache passes it over.
      missing(/^\/var\/cache\/fontconfig\/4c599c202bc5c08e2d34565a40eac3b2-/),
      content(/^\/var\/cache\/(debconf|fontconfig|apparmor|swcatalog|app-info)\//),
      // Made for each language that has pages when it is looked for.
      made(/^\/var\/cache\/man\//),
      missing(/^\/var\/cache\/debconf\/(tmp\.ci|[^/]+-old)$/),
      content(/^\/var\/cache\/dictionaries-common\//),
      content(/^\/var\/lib\/systemd\/catalog\/database$/),
      content(/^\/var\/lib\/plocate\/plocate\.db$/),
    ],
  },
  {
    reason: 'order of configuration',
    rows: [
      content(/^\/usr\/share\/info\/dir(\.old)?$/),
      { path: /^\/etc\/systemd\/system\/display-manager\.service$/, kinds: ['symlink target'] },
      content(/^\/etc\/X11\/default-display-manager$/),
      content(/^\/var\/lib\/(texmf|ghostscript)\//),
      made(/^\/var\/lib\/ucf\/(hashfile|registry)\.\d+$/),
      content(/^\/usr\/(local\/)?share\/texmf(-[a-z]+)?\/ls-R(-[A-Za-z]+)?$/),
      content(/^\/var\/lib\/emacsen-common\//),
    ],
  },
  {
    reason: 'boot files belong to the machine; an initramfs is made once, at the end',
    rows: [
      content(/^\/boot\/initrd\.img-[^/]+$/),
      missing(/^\/var\/lib\/initramfs-tools\/[^/]+$/),
      missing(/^\/(vmlinuz|vmlinux|initrd\.img)(\.old)?$/),
      missing(/^\/boot\/grub(\/.*)?$/),
    ],
  },
  {
    reason: 'layout of an image',
    rows: [extra(/^\/(var\/opt|usr\/lib\/sysimage)$/)],
  },
];

/**
 * Why a difference at a path is no failure; undefined for one that is. What the list of volatile paths names must be missing
 * from the program's image, so that explains no other difference.
 */
export function documentedReason(
  path: ByteString,
  kind: DifferenceClass,
  isDirectory: boolean,
): string | undefined {
  const action = volatileAction(path);
  if (kind === 'missing' && (action === 'remove' || (action === 'remove-file' && !isDirectory)))
    return 'volatile, in no image';
  if ((kind === 'content' || kind === 'extra') && action === 'empty') return 'volatile, empty in an image';
  return DOCUMENTED.find(({ rows }) => rows.some(row => row.path.test(path) && row.kinds.includes(kind)))
    ?.reason;
}
