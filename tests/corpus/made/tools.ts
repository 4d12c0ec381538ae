import { made } from './made-package.ts';

const CMAKE = `printf 'cmake_minimum_required(VERSION 3.10)\\nproject(x NONE)\\ninstall(PROGRAMS tool DESTINATION lib/%s)\\ninstall(FILES conf DESTINATION /etc/%s)\\nset(CPACK_GENERATOR DEB)\\nset(CPACK_PACKAGE_NAME %s)\\nset(CPACK_PACKAGE_VERSION %s)\\nset(CPACK_PACKAGE_CONTACT a@example.org)\\n' $NAME $NAME $NAME $VERSION >CMakeLists.txt; echo "$VERSION" >tool; echo "$VERSION" >conf`;
const CPACK = `echo 'include(CPack)' >>CMakeLists.txt; quietly cmake -B out .; (cd out; quietly cpack); mv out/*.deb "$OUT"`;
const cpack = (name: string, stands: string, lines: string, more = {}) =>
  [name, 'CPack', stands, `${CMAKE}\n${lines}\n${CPACK}`, more] as const;
const BODY = 'text /usr/share/$NAME/version; ln -s version root/usr/share/$NAME/link';
const TWO_TARS = `echo 2.0 >debian-binary; fields; mv root/DEBIAN .`;
const SOURCE = `printf 'all:\\ninstall:\\n\\tmkdir -p /usr/local/bin\\n\\tcp data /usr/local/bin/%s\\n' $NAME >Makefile; echo "$VERSION" >data`;

/** By generators and converters that Debian has. */
export const BY_TOOLS = made(
  cpack('cpack-plain', 'what CPack does without being told', ':'),
  cpack(
    'cpack-conffiles',
    'conffiles and scripts as extra control files',
    `echo /etc/$NAME/conf >conffiles; printf '#!/bin/sh\\nexit 0\\n' >postinst; echo 'set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "\${CMAKE_CURRENT_SOURCE_DIR}/conffiles;\${CMAKE_CURRENT_SOURCE_DIR}/postinst")' >>CMakeLists.txt`,
  ),
  cpack(
    'cpack-strict',
    'strict permissions of control files, and the default prefix /usr',
    `echo 'set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)\nset(CPACK_PACKAGING_INSTALL_PREFIX /opt/cpack)\nset(CPACK_DEBIAN_COMPRESSION_TYPE xz)' >>CMakeLists.txt`,
  ),
  cpack(
    'cpack-bzip2',
    'bzip2 by CPack itself',
    `echo 'set(CPACK_DEBIAN_COMPRESSION_TYPE bzip2)' >>CMakeLists.txt`,
  ),
  cpack(
    'cpack-lzma',
    'lzma by CPack itself',
    `echo 'set(CPACK_DEBIAN_COMPRESSION_TYPE lzma)' >>CMakeLists.txt`,
  ),
  cpack(
    'cpack-zstd',
    'zstd by CPack itself',
    `echo 'set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)' >>CMakeLists.txt`,
  ),
  cpack(
    'cpack-description',
    'a description of several lines from a file: Xournal++',
    `printf 'First line\\n\\nThird line with more\\n' >d.txt; echo 'set(CPACK_PACKAGE_DESCRIPTION_FILE "\${CMAKE_CURRENT_SOURCE_DIR}/d.txt")\nset(CPACK_DEBIAN_PACKAGE_DEPENDS "libc6 (>= 2.2)")\nset(CPACK_DEBIAN_PACKAGE_SECTION devel)' >>CMakeLists.txt`,
  ),
  [
    'equivs-meta',
    'equivs-build',
    'a metapackage',
    `printf 'Section: misc\\nPriority: optional\\nStandards-Version: 3.9.2\\n\\nPackage: %s\\nVersion: %s\\nDepends: dpkg\\nDescription: a metapackage\\n' $NAME $VERSION >c; quietly equivs-build c; mv *.deb "$OUT"`,
  ],
  [
    'equivs-files',
    'equivs-build',
    'files and a script in one control file',
    `echo "$VERSION" >data; printf 'Section: misc\\nPriority: optional\\nStandards-Version: 3.9.2\\n\\nPackage: %s\\nVersion: %s\\nFiles: data /usr/share/%s\\n data /etc/%s\\nFile: postinst\\n #!/bin/sh\\n set -e\\n #DEBHELPER#\\n exit 0\\nDescription: with files\\n' $NAME $VERSION $NAME $NAME >c; quietly equivs-build c; mv *.deb "$OUT"`,
  ],
  [
    'checkinstall',
    'checkinstall',
    'what make install wrote, as a package with /usr/local',
    `${SOURCE}; echo an example >description-pak; quietly checkinstall -D -y --install=no --fstrans=yes --nodoc --pkgname=$NAME --pkgversion=$VERSION --pkgrelease=1 --maintainer=a@example.org --backup=no make install; mv *.deb "$OUT"`,
  ],
  [
    'alien-tgz',
    'alien',
    'a tar archive made into a package',
    `${BODY}; rm -r root/DEBIAN; tar -C root -czf $NAME-$VERSION.tgz .; quietly alien --to-deb --keep-version $NAME-$VERSION.tgz; mv *.deb "$OUT"`,
  ],
  [
    'alien-rpm',
    'rpmbuild and alien --scripts',
    'an RPM with scriptlets and configuration made into a package',
    `printf 'Name: %s\\nVersion: %s\\nRelease: 1\\nSummary: x\\nLicense: x\\nBuildArch: noarch\\n%%description\\nx\\n%%install\\nmkdir -p %%{buildroot}/usr/share/%s %%{buildroot}/etc/%s\\necho %s >%%{buildroot}/usr/share/%s/data\\necho %s >%%{buildroot}/etc/%s/conf\\n%%post\\necho post $1 >/var/log/%s.log\\n%%postun\\nrm -f /var/log/%s.log\\n%%files\\n/usr/share/%s\\n%%config /etc/%s/conf\\n' $NAME $VERSION $NAME $NAME $VERSION $NAME $VERSION $NAME $NAME $NAME $NAME $NAME >x.spec
quietly rpmbuild -bb --define "_topdir $PWD/rpm" x.spec; quietly alien --to-deb --scripts --keep-version rpm/RPMS/noarch/*.rpm; mv *.deb "$OUT"`,
  ],
  [
    'dpkg-repack',
    'dpkg-repack',
    'a package made of its installed files',
    `${BODY}; file /etc/$NAME/conf <<<"$VERSION"; conffiles /etc/$NAME/conf; quietly dpkg-deb -b root first.deb; mkdir -p inst/var/lib/dpkg/{info,updates} inst/usr/share inst/etc; : >inst/var/lib/dpkg/status; quietly dpkg --root=inst --log=log -i first.deb; rm first.deb; quietly dpkg-repack --root=inst $NAME; mv *.deb "$OUT"`,
  ],
  [
    'deb-reversion',
    'deb-reversion',
    'an archive whose version was changed afterwards',
    `${BODY}; fields; sed -i "s/^Version.*/Version: 0.5/" root/DEBIAN/control; quietly dpkg-deb --root-owner-group -b root "$NAME"_0.5_all.deb; quietly deb-reversion -v $VERSION "$NAME"_0.5_all.deb; mv *_$VERSION*.deb "$OUT"`,
  ],
  [
    'epm',
    'epm',
    'a package of a list of files for all Unix systems',
    `echo "$VERSION" >tool; chmod +x tool; echo "$VERSION" >conf; printf '%%product x\\n%%copyright x\\n%%vendor x\\n%%license tool\\n%%readme tool\\n%%description x\\n%%version %s\\nf 0755 root sys /usr/lib/%s/tool tool\\nc 0644 root sys /etc/%s.conf conf\\nl 0777 root sys /usr/bin/%s /usr/lib/%s/tool\\n%%postinstall <<E\\ntrue\\nE\\n' $VERSION $NAME $NAME $NAME $NAME >$NAME.list; quietly epm -f deb -n $NAME; mv $(find . -name '*.deb' | head -1) "$OUT"`,
  ],
  [
    'jdeb',
    'jdeb from ant',
    'archives by commons-compress',
    `mkdir control; printf 'Package: %s\\nVersion: %s\\nSection: misc\\nPriority: low\\nArchitecture: all\\nMaintainer: a <a@example.org>\\nDescription: x\\n' $NAME $VERSION >control/control; printf '#!/bin/sh\\nexit 0\\n' >control/postinst; mkdir -p in/lib; echo "$VERSION" >in/lib/a.jar
printf '<project><taskdef name="deb" classname="org.vafer.jdeb.ant.DebAntTask" classpath="/usr/share/java/jdeb.jar:/usr/share/java/commons-compress.jar:/usr/share/java/commons-io.jar:/usr/share/java/xz.jar:/usr/share/java/bcpg.jar:/usr/share/java/bcprov.jar"/><deb destfile="%s" control="control"><data src="in" type="directory"><mapper type="perm" prefix="/opt/%s" user="root" group="root"/></data><link name="/usr/bin/%s" target="/opt/%s/lib/a.jar"/></deb></project>' "$OUT" $NAME $NAME $NAME >build.xml; HOME=/root quietly ant -q`,
  ],
  [
    'stdeb',
    'py2dsc-deb',
    'a Python project: it depends on what the base does not have',
    `printf 'from setuptools import setup\\nsetup(name="%s", version="%s", packages=["corpuspkg"], author="a", author_email="a@example.org", url="https://example.org", description="x", long_description="x")\\n' $NAME $VERSION >setup.py; mkdir corpuspkg; echo "v='$VERSION'" >corpuspkg/__init__.py; quietly python3 setup.py -q sdist; quietly py2dsc-deb dist/*.tar.gz; mv deb_dist/python3-*.deb "$OUT"`,
    { refused: 'python3' },
  ],
  [
    'dh-make',
    'dh_make',
    'a skeleton with everything that it suggests',
    `mkdir $NAME-$VERSION; cd $NAME-$VERSION; echo "$VERSION" >data; USER=a quietly dh_make -y -i --native -e a@example.org -c apache; echo "data usr/share/$NAME" >debian/$NAME.install; quietly dpkg-buildpackage -us -uc -b -d; mv ../*.deb "$OUT"`,
  ],
  [
    'debmake',
    'debmake',
    'a skeleton of debmake',
    `mkdir $NAME-$VERSION; cd $NAME-$VERSION; printf 'all:\\ninstall:\\n\\tinstall -D data $(DESTDIR)/usr/share/%s/data\\n' $NAME >Makefile; echo "$VERSION" >data; quietly debmake -n </dev/null; quietly dpkg-buildpackage -us -uc -b -d; mv ../*.deb "$OUT"`,
  ],
  [
    'fakeroot',
    'fakeroot dpkg-deb',
    'built by a user under fakeroot, with an owner that is not root',
    `${BODY}; fields; mkdir -p root/var/lib/$NAME; chown -R nobody root; chmod 0755 .. . ; cp -r root /tmp/$NAME.$$; chown -R nobody /tmp/$NAME.$$; quietly setpriv --reuid nobody --regid nogroup --clear-groups fakeroot sh -c "chown -R root:root /tmp/$NAME.$$; chown www-data:www-data /tmp/$NAME.$$/var/lib/$NAME; dpkg-deb -b /tmp/$NAME.$$ /tmp/$NAME.$$/out.deb"; mv /tmp/$NAME.$$/out.deb "$OUT"; rm -r /tmp/$NAME.$$`,
  ],
  [
    'debsigs',
    'debsigs',
    'a real signature as a member of the archive',
    `${BODY}; deb; mkdir -m 0700 gnupg; export GNUPGHOME=$PWD/gnupg; quietly gpg --batch --passphrase '' --quick-gen-key a@example.org rsa2048 sign 1y; quietly debsigs --sign=origin "$OUT"; gpgconf --kill all`,
  ],
  [
    'bsdtar-ar',
    'bsdtar --format=ar',
    'both kinds of archives by libarchive',
    `${BODY}; ${TWO_TARS}; bsdtar -C DEBIAN --uid 0 --gid 0 -czf control.tar.gz .; bsdtar -C root --uid 0 --gid 0 -cJf data.tar.xz .; bsdtar --format=arbsd -cf "$OUT" debian-binary control.tar.gz data.tar.xz`,
  ],
  [
    'bsdtar-pax',
    'bsdtar --format=pax and GNU ar',
    'records of LIBARCHIVE and of Apple',
    `${BODY}; ${TWO_TARS}; setfattr -n user.corpus -v x root/usr/share/$NAME/version; bsdtar -C DEBIAN --format=pax --uid 0 --gid 0 -czf control.tar.gz .; bsdtar -C root --format=pax --xattrs --uid 0 --gid 0 -czf data.tar.gz .; members debian-binary control.tar.gz data.tar.gz`,
    { refused: "unsupported PAX tar header type 'x'" },
  ],
  [
    'llvm-ar',
    'llvm-ar',
    'an ar archive by LLVM',
    `${BODY}; ${TWO_TARS}; tar -C DEBIAN --owner=0 --group=0 -czf control.tar.gz .; tar -C root --owner=0 --group=0 -czf data.tar.gz .; llvm-ar rcS "$OUT" debian-binary control.tar.gz data.tar.gz`,
  ],
  [
    'busybox-tar',
    'busybox tar and gzip',
    'archives by busybox, as in containers of Alpine',
    `${BODY}; ${TWO_TARS}; busybox tar -C DEBIAN -czf control.tar.gz .; busybox tar -C root -czf data.tar.gz .; members debian-binary control.tar.gz data.tar.gz`,
  ],
  [
    'python-tarfile',
    'Python tarfile',
    'pax by default, a small ar by hand: pkg_deb of Bazel',
    `${BODY}; fields; python3 - "$OUT" <<'P'
import io, sys, tarfile, os
def tar(top):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w:gz') as t:
        t.add(top, arcname='.', filter=lambda i: None if 'DEBIAN' in i.name else i.replace(uid=0, gid=0, uname='', gname='', mtime=0.5))
    return out.getvalue()
control = io.BytesIO()
with tarfile.open(fileobj=control, mode='w:gz') as t: t.add('root/DEBIAN/control', arcname='control')
with open(sys.argv[1], 'wb') as f:
    f.write(b'!<arch>\\n')
    for name, body in (('debian-binary', b'2.0\\n'), ('control.tar.gz', control.getvalue()), ('data.tar.gz', tar('root'))):
        f.write(f'{name:<16}{0:<12}{0:<6}{0:<6}{"100644":<8}{len(body):<10}'.encode() + b'\\x60\\n' + body + (b'\\n' if len(body) % 2 else b''))
P`,
    { refused: "unsupported PAX tar header type 'x'" },
  ],
  [
    'perl-archive-tar',
    'Perl Archive::Tar',
    'archives by a module of Perl',
    `${BODY}; ${TWO_TARS}; (cd DEBIAN; perl -MArchive::Tar -e 'Archive::Tar->create_archive("../control.tar.gz", COMPRESS_GZIP, "control")'); (cd root; perl -MArchive::Tar -e 'Archive::Tar->create_archive("../data.tar.gz", COMPRESS_GZIP, map { chomp; $_ } \`find usr\`)'); members debian-binary control.tar.gz data.tar.gz`,
  ],
  [
    'git-archive',
    'git archive',
    'the tree of a commit as data.tar, with its global header',
    `${BODY}; ${TWO_TARS}; (cd root; git init -q; git add -A; git -c user.name=a -c user.email=a@example.org commit -qm x; git archive --format=tar.gz HEAD >../data.tar.gz); tar -C DEBIAN --owner=0 --group=0 -czf control.tar.gz .; members debian-binary control.tar.gz data.tar.gz`,
    { refused: "unsupported PAX tar header type 'g'" },
  ],
  [
    'cpio-ustar',
    'cpio --format=ustar',
    'archives by cpio',
    `${BODY}; ${TWO_TARS}; (cd root; find . | cpio --quiet -o -H ustar -R 0:0 | gzip >../data.tar.gz); (cd DEBIAN; echo control | cpio --quiet -o -H ustar -R 0:0 | gzip >../control.tar.gz); members debian-binary control.tar.gz data.tar.gz`,
  ],
  [
    'node-deb',
    'node-deb',
    'a program for Node with its unit and user, and an empty Depends',
    `echo '{"name":"node-deb","version":"'$VERSION'","description":"x","author":"a <a@example.org>","scripts":{"start":"node index.js"},"node_deb":{"entrypoints":{"daemon":"index.js","cli":"index.js"}}}' >package.json; echo 'console.log(1)' >index.js; PATH="$TOOLS/node_modules/.bin:$PATH" quietly node-deb --no-default-package-dependencies --install-strategy copy -- index.js package.json; mv *.deb "$OUT"`,
    {
      known: [
        {
          path: /^unlayered \/var\/log\/node-deb/,
          reason: 'what a script makes in /var stays on the machine',
        },
      ],
    },
  ],
  [
    'electron-installer',
    'electron-installer-debian',
    'an application of Electron below /usr/lib, with a sandbox',
    `mkdir -p app/resources/app; echo '{"name":"electron-installer","productName":"An Example","version":"'$VERSION'","description":"x","author":"a <a@example.org>"}' >app/resources/app/package.json; echo 30.0.0 >app/version; echo "$VERSION" >app/electron-installer; echo x >app/chrome-sandbox; chmod +x app/electron-installer app/chrome-sandbox; echo x >app/LICENSE; mkdir made; PATH="$TOOLS/node_modules/.bin:$PATH" quietly electron-installer-debian --src app --dest made --arch amd64; mv made/*.deb "$OUT"`,
    { refused: 'libgtk-3-0' },
  ],
  [
    'debian-packaging',
    'debian-packaging',
    'tar and ar of the machine, called by a module of npm',
    `${BODY}; fields; mkdir control; cp root/DEBIAN/control control/; rm -r root/DEBIAN; NODE_PATH="$TOOLS/node_modules" quietly node -e 'require("debian-packaging").createPackage({control: "control", data: "root", dest: process.env.OUT})'`,
  ],
);
