import { made } from './made-package.ts';

/** `project` writes debian/, the recipe adds to it, `binary` runs dpkg-buildpackage with debhelper. */
const helped = (name: string, by: string, stands: string, recipe: string, more = {}) =>
  [name, by, stands, `project\n${recipe}\nbinary`, more] as const;
const install = 'echo "$VERSION" >data; echo "data usr/share/$NAME" >debian/$NAME.install';

/** By debhelper and its additions, in the shapes that packages of Debian and of vendors have. */
export const BY_DEBHELPER = made(
  helped('dh-empty', 'dh', 'a package with its changelog alone', ':'),
  helped(
    'dh-files',
    'dh',
    'docs, man pages, examples, links and directories',
    `${install}; echo 'usr/share/dh-files/data usr/share/dh-files/link' >debian/$NAME.links; echo var/lib/$NAME >debian/$NAME.dirs
printf '.TH TOOL 1\\n.SH NAME\\ntool \\\\- %s\\n' $VERSION >tool.1; echo tool.1 >debian/$NAME.manpages; echo news >NEWS; echo NEWS >debian/$NAME.docs; echo x >example; echo example >debian/$NAME.examples`,
    {
      known: [
        {
          path: /^v\d \/var\/lib\/dpkg\/info\/(?!dh-files)/,
          reason: 'dpkg takes a directory that somebody deleted out of the lists of all packages that had it',
        },
        { path: /^unlayered \/var\/lib\/dh-files/, reason: 'directories in /var stay on the machine' },
      ],
    },
  ),
  helped(
    'dh-service',
    'dh_installsystemd',
    'a unit and a timer that are enabled and started',
    `${install}; printf '[Service]\\nExecStart=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n' >debian/$NAME.service; printf '[Timer]\\nOnCalendar=daily\\n[Install]\\nWantedBy=timers.target\\n' >debian/$NAME.timer`,
  ),
  helped(
    'dh-init',
    'dh_installinit',
    'an init script and its defaults beside a unit',
    `${install}; printf '#!/bin/sh\\n### BEGIN INIT INFO\\n# Provides: dh-init\\n# Required-Start: $remote_fs\\n# Required-Stop: $remote_fs\\n# Default-Start: 2 3 4 5\\n# Default-Stop: 0 1 6\\n### END INIT INFO\\nexit 0\\n' >debian/$NAME.init; echo "A=$VERSION" >debian/$NAME.default`,
  ),
  helped(
    'dh-etc',
    'dh_installcron, logrotate, pam, udev',
    'pieces of configuration, all of them conffiles',
    `${install}; for p in cron.daily logrotate pam udev; do echo "# $VERSION" >debian/$NAME.$p; done; mkdir etc; echo $VERSION >etc/conf; echo "etc/conf etc/$NAME" >>debian/$NAME.install`,
  ),
  helped(
    'dh-tmpfiles',
    'dh_installtmpfiles, dh_installsysusers',
    'tmpfiles.d and sysusers.d',
    `${install}; echo "d /run/$NAME 0755 root root" >debian/$NAME.tmpfiles; echo "u _$NAME - -" >debian/$NAME.sysusers; printf 'override_dh_installsystemd:\\n\\tdh_installsystemd\\n\\tdh_installsysusers\\n' >>debian/rules; sed -i 's/^Depends: .*/Depends: passwd/' debian/control`,
  ),
  helped(
    'dh-scripts',
    'dh_installdeb',
    'scripts of its own around what debhelper adds',
    `${install}; for s in preinst postinst prerm postrm; do printf '#!/bin/sh\\nset -e\\necho "%s $1" >>/var/log/dh-scripts.log\\n#DEBHELPER#\\nexit 0\\n' $s >debian/$NAME.$s; done`,
  ),
  helped(
    'dh-maintscript',
    'dh_installdeb with maintscript',
    'a conffile that goes and one that moves',
    `if [ $VERSION = 1.0 ]; then mkdir etc; echo 1 >etc/a; echo 1 >etc/b; echo "etc/* etc/$NAME" >debian/$NAME.install; else mkdir etc; echo 2 >etc/c; echo "etc/* etc/$NAME" >debian/$NAME.install; printf 'rm_conffile /etc/%s/a 2.0~\\nmv_conffile /etc/%s/b /etc/%s/c 2.0~\\n' $NAME $NAME $NAME >debian/$NAME.maintscript; fi`,
  ),
  helped(
    'dh-debconf',
    'dh_installdebconf',
    'questions of debconf, whose templates are merged',
    `${install}; printf 'Template: %s/q\\nType: boolean\\nDefault: true\\nDescription: a question\\n More of it.\\n' $NAME >debian/$NAME.templates; printf '#!/bin/sh\\nset -e\\n. /usr/share/debconf/confmodule\\ndb_input medium %s/q || true\\ndb_go || true\\n' $NAME >debian/$NAME.config; printf '#!/bin/sh\\nset -e\\n. /usr/share/debconf/confmodule\\ndb_get %s/q\\n#DEBHELPER#\\n' $NAME >debian/$NAME.postinst`,
  ),
  helped(
    'dh-usrlocal',
    'dh_usrlocal',
    'directories in /usr/local, which its scripts make',
    `${install}; mkdir -p loc; printf 'override_dh_auto_install:\\n\\tmkdir -p debian/%s/usr/local/lib/%s debian/%s/usr/local/share/%s\\n' $NAME $NAME $NAME $NAME >>debian/rules`,
  ),
  helped(
    'dh-alternatives',
    'dh_installalternatives',
    'alternatives from a file of debian/',
    `echo "$VERSION" >tool; chmod +x tool; echo "tool usr/lib/$NAME" >debian/$NAME.install; printf 'Name: dh-tool\\nLink: /usr/bin/dh-tool\\nAlternative: /usr/lib/%s/tool\\nPriority: 20\\n' $NAME >debian/$NAME.alternatives`,
  ),
  helped(
    'dh-triggers',
    'dh_installdeb with triggers',
    'a file of triggers',
    `${install}; printf 'interest-noawait /usr/share/%s\\nactivate-noawait ldconfig\\n' $NAME >debian/$NAME.triggers`,
  ),
  helped(
    'dh-program',
    'dh with make and gcc',
    'a program for one architecture: stripped, with its libraries as relations',
    `sed -i 's/^Architecture: .*/Architecture: any/' debian/control; echo "int main(void){return $(echo $VERSION | cut -c1)-1;}" >tool.c; printf 'all:\\n\\t$(CC) -g -o tool tool.c\\ninstall:\\n\\tinstall -D tool $(DESTDIR)/usr/bin/dh-program\\n' >Makefile`,
  ),
  helped(
    'dh-library',
    'dh_makeshlibs',
    'a library of Multi-Arch: same, with shlibs and a trigger of ldconfig',
    `sed -i 's/^Architecture: .*/Architecture: any\\nMulti-Arch: same/' debian/control; echo 'int f(void){return 1;}' >l.c; printf 'all:\\n\\t$(CC) -shared -fPIC -Wl,-soname,libdh.so.1 -o libdh.so.1 l.c\\ninstall:\\n\\tinstall -D libdh.so.1 $(DESTDIR)/usr/lib/$(shell dpkg-architecture -qDEB_HOST_MULTIARCH)/libdh.so.1\\n' >Makefile`,
  ),
  helped(
    'dh-cmake',
    'dh with CMake',
    'the buildsystem of CMake below debhelper',
    `printf 'cmake_minimum_required(VERSION 3.10)\\nproject(x NONE)\\ninstall(FILES data DESTINATION share/dh-cmake)\\n' >CMakeLists.txt; echo "$VERSION" >data`,
  ),
  helped(
    'dh-compat-7',
    'dh_* one by one',
    'a rules file of 2008, with gzip',
    `${install}; sed -i 's/debhelper-compat (= 13)/debhelper (>= 7)/' debian/control; echo 10 >debian/compat; sed -i 's/, *$//' debian/control
printf '#!/usr/bin/make -f\\nbuild build-indep build-arch:\\nclean:\\n\\tdh_clean\\nbinary binary-indep:\\n\\tdh_testdir\\n\\tdh_prep\\n\\tdh_install\\n\\tdh_installchangelogs\\n\\tdh_compress\\n\\tdh_fixperms\\n\\tdh_installdeb\\n\\tdh_gencontrol\\n\\tdh_md5sums\\n\\tdh_builddeb -- -Zgzip\\nbinary-arch:\\n' >debian/rules`,
  ),
  helped(
    'dh-cdbs',
    'cdbs',
    'a rules file of two includes',
    `${install}; sed -i 's/debhelper-compat (= 13)/debhelper (>= 9), cdbs/' debian/control; echo 10 >debian/compat; printf '#!/usr/bin/make -f\\ninclude /usr/share/cdbs/1/rules/debhelper.mk\\n' >debian/rules`,
  ),
  helped(
    'dh-no-helper',
    'dpkg-gencontrol and dpkg-deb',
    'a rules file without debhelper',
    `printf '#!/usr/bin/make -f\\nbuild build-arch build-indep:\\nclean:\\n\\trm -rf tree debian/files\\nbinary binary-indep:\\n\\tinstall -D -m 644 debian/changelog tree/usr/share/doc/%s/changelog\\n\\tmkdir -p tree/DEBIAN\\n\\tdpkg-gencontrol -ptree 2>/dev/null || dpkg-gencontrol -p%s -Ptree\\n\\tdpkg-deb --root-owner-group -b tree ..\\nbinary-arch:\\n' $NAME $NAME >debian/rules`,
  ),
  helped(
    'dh-config-package',
    'config-package-dev',
    'configuration of another package, diverted and replaced',
    `sed -i 's/debhelper-compat (= 13)/debhelper-compat (= 13), config-package-dev/; s/^Depends: /Provides: \${diverted-files}\\nConflicts: \${diverted-files}\\nDepends: /' debian/control; printf '#!/usr/bin/make -f\\n%%:\\n\\tdh $@ --with config-package\\n' >debian/rules; mkdir -p files/etc; echo "$VERSION" >files/etc/issue.net.corpus; echo 'files/etc/* etc' >debian/$NAME.install; echo /etc/issue.net.corpus >debian/$NAME.displace`,
  ),
  helped(
    'dh-sysuser',
    'dh-sysuser',
    'a user by a helper that the package then depends on',
    `${install}; sed -i 's/debhelper-compat (= 13)/debhelper-compat (= 13), dh-sysuser/' debian/control; printf '#!/usr/bin/make -f\\n%%:\\n\\tdh $@ --with sysuser\\n' >debian/rules; echo "_dhsysuser defaults" >debian/$NAME.sysuser`,
    { refused: 'sysuser-helper' },
  ),
  helped(
    'dh-apparmor',
    'dh_apparmor',
    'a profile of AppArmor that is loaded where that can be',
    `mkdir -p etc/apparmor.d; echo "# $VERSION" >etc/apparmor.d/usr.bin.$NAME; echo 'etc/apparmor.d etc' >debian/$NAME.install; printf 'override_dh_installdeb:\\n\\tdh_apparmor --profile-name=usr.bin.%s\\n\\tdh_installdeb\\n' $NAME >>debian/rules`,
  ),
  helped(
    'dh-runit',
    'dh-runit',
    'a service of runit',
    `${install}; printf '#!/usr/bin/env /lib/runit/invoke-run\\nexec sleep 1\\n' >sv.run; echo "sv.run name=$NAME" >debian/$NAME.runit; printf '#!/usr/bin/make -f\\n%%:\\n\\tdh $@ --with runit\\n' >debian/rules`,
    { refused: 'runit-helper' },
  ),
  helped(
    'dh-exec',
    'dh-exec',
    'an install file that is a program',
    `echo "$VERSION" >data; printf '#!/usr/bin/dh-exec\\ndata => /usr/share/%s/renamed\\n' $NAME >debian/$NAME.install; chmod +x debian/$NAME.install`,
  ),
);
