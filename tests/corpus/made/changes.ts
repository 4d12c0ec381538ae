import { made } from './made-package.ts';

const first = '[ $VERSION = 1.0 ]';
const change = (name: string, by: string, stands: string, before: string, after: string, more = {}) =>
  [name, by, stands, `if ${first}; then\n${before}\nelse\n${after}\nfi\ndeb`, more] as const;

/** What is otherwise in the second version. */
export const BY_CHANGE = made(
  change(
    'moves-directory',
    'a program with its version in its path',
    '/opt/NAME-1.0 becomes /opt/NAME-2.0',
    'text /opt/$NAME-1.0/bin/tool /opt/$NAME-1.0/only-old',
    'text /opt/$NAME-2.0/bin/tool; mkdir -p root/usr/bin; ln -s /opt/$NAME-2.0/bin/tool root/usr/bin/$NAME',
  ),
  change(
    'directory-to-link',
    'a vendor that does not know dpkg',
    'a directory becomes a link, without dpkg-maintscript-helper',
    'text /opt/$NAME/current/tool /opt/$NAME/v1/tool',
    'text /opt/$NAME/v2/tool; ln -s v2 root/opt/$NAME/current',
  ),
  change(
    'link-to-directory',
    'a vendor that does not know dpkg',
    'a link becomes a directory, without dpkg-maintscript-helper',
    'text /opt/$NAME/v1/tool; ln -s v1 root/opt/$NAME/current',
    'text /opt/$NAME/current/tool /opt/$NAME/v1/old',
  ),
  change(
    'helper-links',
    'dh_installdeb',
    'a directory becomes a link, with dpkg-maintscript-helper',
    'text /opt/$NAME/doc/file /opt/$NAME/text/other',
    `text /opt/$NAME/text/other; ln -s text root/opt/$NAME/doc; fields 'Pre-Depends: dpkg (>= 1.17.14)'
for s in preinst postinst postrm; do script $s <<S
dpkg-maintscript-helper dir_to_symlink /opt/$NAME/doc text 2.0~ $NAME -- "\\$@"
S
done`,
  ),
  change(
    'helper-conffiles',
    'dh_installdeb',
    'configuration is moved and removed, with dpkg-maintscript-helper',
    `text /etc/$NAME/old.conf /etc/$NAME/gone.conf; conffiles /etc/$NAME/old.conf /etc/$NAME/gone.conf`,
    `text /etc/$NAME/new.conf; conffiles /etc/$NAME/new.conf
for s in preinst postinst postrm; do script $s <<S
dpkg-maintscript-helper mv_conffile /etc/$NAME/old.conf /etc/$NAME/new.conf 2.0~ $NAME -- "\\$@"
dpkg-maintscript-helper rm_conffile /etc/$NAME/gone.conf 2.0~ $NAME -- "\\$@"
S
done`,
  ),
  change(
    'conffile-dropped',
    'fpm',
    'a conffile that the new version does not have',
    `text /etc/$NAME/a.conf /etc/$NAME/b.conf; conffiles /etc/$NAME/a.conf /etc/$NAME/b.conf`,
    `text /etc/$NAME/a.conf; conffiles /etc/$NAME/a.conf`,
  ),
  change(
    'conffile-no-more',
    'fpm -s deb',
    'conffiles that are plain files in the new version',
    `text /etc/$NAME/a.conf; conffiles /etc/$NAME/a.conf`,
    'text /etc/$NAME/a.conf',
  ),
  change(
    'conffile-new',
    'netdata',
    'a plain file of /etc that is a conffile in the new version',
    'text /etc/$NAME/a.conf',
    `text /etc/$NAME/a.conf; conffiles /etc/$NAME/a.conf`,
  ),
  change(
    'conffile-remove-flag',
    'debhelper 13.4',
    'remove-on-upgrade in conffiles',
    `text /etc/$NAME/a.conf; conffiles /etc/$NAME/a.conf`,
    `text /usr/share/$NAME/a; conffiles "remove-on-upgrade /etc/$NAME/a.conf"`,
  ),
  change(
    'arch-changes',
    'a program that gets a library',
    'from all architectures to one',
    'text /usr/lib/$NAME/tool',
    `text /usr/lib/$NAME/tool; fields; sed -i 's/: all/: amd64/' root/DEBIAN/control`,
  ),
  change(
    'file-to-directory',
    'a rewrite',
    'a file becomes a directory and a directory a file',
    'text /usr/share/$NAME/a /usr/share/$NAME/b/c',
    'text /usr/share/$NAME/a/c /usr/share/$NAME/b',
  ),
  change(
    'leaves-var',
    'a database',
    'data of the vendor in /var/lib that the new version no longer ships',
    'text /var/lib/$NAME/seed.db /var/lib/$NAME/both.db /var/www/$NAME/old.html',
    'text /var/lib/$NAME/both.db /var/www/$NAME/new.html',
  ),
  change(
    'leaves-local',
    'a tool in /usr/local',
    'another set of files in /usr/local, /srv and /opt',
    'text /usr/local/bin/$NAME /usr/local/bin/$NAME-old /srv/$NAME/a /opt/$NAME/a',
    'text /usr/local/bin/$NAME /usr/local/bin/$NAME-new /srv/$NAME/b /opt/$NAME/b',
  ),
  change(
    'user-changes',
    'an agent that stops being root',
    'data that belongs to a user of the second version',
    'text /var/lib/$NAME/data',
    'text /var/lib/$NAME/data; script postinst <<S\nuseradd --system $NAME; chown -R $NAME /var/lib/$NAME\nS\nscript postrm <<S\n[ "\\$1" != purge ] || userdel $NAME\nS',
  ),
  change(
    'becomes-empty',
    'a transitional package',
    'everything moved to another package',
    'text /usr/bin/$NAME /etc/$NAME.conf',
    'fields "Depends: dpkg"',
  ),
  change(
    'mode-changes',
    'a security update',
    'the set-uid bit goes, an owner and a link target change',
    'file /usr/bin/$NAME 4755 <<<1; ln -s one root/usr/bin/$NAME-link',
    'file /usr/bin/$NAME 0750 <<<1; ln -s two root/usr/bin/$NAME-link',
  ),
  change(
    'compression-changes',
    'a new build machine',
    'the same files in another archive',
    'text /usr/share/$NAME/same; echo same >root/usr/share/$NAME/same',
    'text /usr/share/$NAME/same; echo same >root/usr/share/$NAME/same; fields',
  ),
  change(
    'takes-over',
    'a package that is split',
    'a conffile that moves into /usr/share with a link in its place',
    `text /etc/$NAME/data; conffiles /etc/$NAME/data`,
    'text /usr/share/$NAME/data; mkdir -p root/etc/$NAME; ln -s /usr/share/$NAME/data root/etc/$NAME/data',
  ),
);
