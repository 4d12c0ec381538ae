import { made } from './made-package.ts';

const BODY = 'text /usr/share/$NAME/version; seq 5000 | file /usr/share/$NAME/numbers';
const by = (name: string, options: string, stands: string, body = BODY) =>
  [name, `dpkg-deb ${options}`, stands, `${body}\ndeb ${options}`] as const;

/** By dpkg-deb itself, with the options and in the places that packagers use. */
export const BY_DPKG_DEB = made(
  by('deb-xz-9', '-Zxz -z9', 'the smallest download'),
  by('deb-xz-extreme', '-Zxz -Sextreme', 'the slow strategy of xz'),
  by('deb-xz-0', '-Zxz -z0', 'the fastest xz, as CI jobs ask for it'),
  by('deb-gzip-fixed', '-Zgzip -z1 -Sfixed', 'a strategy of gzip that few decoders meet'),
  by('deb-gzip-rle', '-Zgzip -Srle', 'run lengths only'),
  by('deb-none', '-Znone', 'no compression, as images are built fastest'),
  by('deb-zstd', '-Zzstd', 'what Ubuntu builds by default since 21.10'),
  by('deb-zstd-19', '-Zzstd -z19', 'the window of a high level of zstd'),
  by('deb-mixed', '-Zxz --no-uniform-compression', 'control.tar.gz beside data.tar.xz, as before dpkg 1.19'),
  [
    ...by('deb-old-format', '--deb-format=0.939000 -Zgzip', 'the format before ar archives'),
    { otherwise: 'nobody has made it since 1995' },
  ],
  by('deb-threads', '-Zxz --threads-max=1 -z6', 'one block of xz'),
  [
    'deb-build-user',
    'dpkg-deb, not as root',
    'files of the user who built it: no fakeroot in the CI job',
    'text /usr/share/$NAME/version; fields; chown -R 1001:1001 root\nquietly dpkg-deb --build root "$OUT"',
  ],
  [
    'deb-mktemp',
    'dpkg-deb of a directory of mktemp',
    'a root directory of mode 0700 must not close the machine to its users',
    'text /usr/share/$NAME/version; chmod 0700 root; deb',
  ],
  [
    'deb-umask-002',
    'dpkg-deb under umask 002',
    'directories of the system for a group to write: sbt-native-packager',
    'text /usr/share/$NAME/version; echo x | file /etc/$NAME/conf; chmod -R g+w root; chmod 0755 root/DEBIAN; deb',
  ],
  [
    'deb-nocheck',
    'dpkg-deb --nocheck',
    'a package name that dpkg-deb would have refused',
    'text /usr/share/$NAME/version; fields; sed -i "s/^Package: .*/Package: Deb_Nocheck!/" root/DEBIAN/control; deb --nocheck',
    { refused: "character '!' not allowed" },
  ],
);
