import { made } from './made-package.ts';

const BODY =
  'text /usr/share/$NAME/version /usr/share/$NAME/other; ln root/usr/share/$NAME/other root/usr/share/$NAME/twin; ln -s other root/usr/share/$NAME/link';
const packed = (name: string, by: string, stands: string, options: string, more = {}) =>
  [name, by, stands, `${BODY}\narchives ${options}\npacked`, more] as const;

/** Archives written by hand: what fpm, nfpm, jdeb, cargo-deb, Bazel and small scripts write instead of calling dpkg-deb. */
export const BY_ARCHIVERS = made(
  packed(
    'tar-v7',
    'tar --format=v7',
    'a header without names of owners, as the oldest scripts',
    '--format=v7',
  ),
  packed('tar-oldgnu', 'tar --format=oldgnu', 'jdeb before 1.6', '--format=oldgnu'),
  packed(
    'tar-pax',
    'tar --format=pax',
    'times as records of pax: Python 3.8 and later write this format',
    '--format=pax',
    { refused: "unsupported PAX tar header type 'x'" },
  ),
  packed('tar-ustar', 'tar --format=ustar', 'the portable format of Go', '--format=ustar'),
  packed(
    'tar-runner',
    'tar of a CI job',
    'an owner whose name the machine does not know',
    '--owner=runner:1001 --group=docker:122',
  ),
  packed(
    'tar-by-name',
    'nfpm with file_info',
    'a known name with a number that is not its own',
    '--owner=www-data:5555 --group=www-data:5555',
  ),
  packed(
    'tar-big-uid',
    'tar in an Active Directory',
    'numbers of owners above two million',
    '--format=gnu --owner=domainuser:1876543210 --group=domainusers:1876500513',
  ),
  packed('tar-epoch', 'Bazel pkg_deb', 'all times are 0', '--mtime=@0'),
  packed('tar-future', 'a CI job with a wrong clock', 'times in 2099', '--mtime=@4070908800'),
  packed(
    'tar-blocking',
    'tar --blocking-factor=1',
    'the end of the archive is not padded to ten kilobytes',
    '--blocking-factor=1',
  ),
  packed(
    'tar-global',
    'git archive',
    'a global header of pax with a comment',
    '--format=pax --pax-option=globexthdr.name=pax_global_header,comment=0123456789abcdef',
    { refused: "unsupported PAX tar header type 'g'" },
  ),
  packed(
    'tar-sorted-last',
    'tar with directories last',
    'directories behind what is in them',
    '--sort=none --exclude=nothing',
  ),
  [
    'tar-no-directories',
    'nfpm before 2.0',
    'no directories in the archive: a package that shares them all',
    `${BODY}\narchives\n(cd root; find usr ! -type d | sort | tar --owner=0 --group=0 -cf ../data.tar -T -)
packed`,
    { refused: 'unable to create' },
  ],
  [
    'tar-plain-names',
    'Bazel before rules_pkg 0.2.6',
    'no ./ in front of the members of both archives',
    `${BODY}\narchives\ntar -C DEBIAN --owner=0 --group=0 -cf control.tar control; tar -C root --owner=0 --group=0 -cf data.tar usr
packed`,
  ],
  [
    'tar-absolute',
    'jdeb 1.7',
    'absolute names, as commons-compress 1.11 wrote them',
    `${BODY}\narchives -P --transform 's,^\\./\\?,/,;s,^$,/,'\npacked`,
    {
      otherwise: 'dpkg cannot read its own list of the first version',
      known: [{ path: /^v1 \/var\/lib\/dpkg\/info\//, reason: 'dpkg lists / where it lists /. elsewhere' }],
    },
  ],
  [
    'tar-long-gnu',
    'tar --format=gnu',
    'names and targets of more than a hundred bytes, in GNU records',
    `d=/opt/$NAME/$(printf 'directory-%02d/' $(seq 15)); text $d/file; ln -s "$d/file" root/opt/$NAME/link
archives --format=gnu; packed`,
  ],
  [
    'tar-long-pax',
    'ospackage 8.4.0',
    'long names in records of pax: "corrupted filesystem tarfile" to an older dpkg',
    `d=/opt/$NAME/$(printf 'directory-%02d/' $(seq 15)); text $d/file; ln -s "$d/file" root/opt/$NAME/link
archives --format=pax; packed`,
    { refused: "unsupported PAX tar header type 'x'" },
  ],
  [
    'tar-prefix',
    'tar --format=ustar',
    'a name that is split over name and prefix',
    `d=/opt/$NAME/$(printf 'directory-%02d/' $(seq 10)); text $d/file
archives --format=ustar; packed`,
  ],
  [
    'tar-twice',
    'tar --append',
    'a directory and a file twice, as scripts add to an archive: the last one counts',
    `${BODY}\narchives\necho later >root/usr/share/$NAME/version; tar -C root --owner=0 --group=0 -rf data.tar ./usr/share/$NAME
packed`,
  ],
  [
    'tar-sparse',
    'tar --sparse',
    'holes of a disk image: a GNU sparse member, which dpkg does not know',
    `truncate -s 8M image; echo end >>image; file /usr/share/$NAME/image <image; cp --sparse=always image root/usr/share/$NAME/image
archives --format=gnu --sparse; packed`,
    { refused: "unsupported GNU tar header type 'S'" },
  ],
  [
    'gz-members',
    'pigz --independent',
    'a gzip of several members',
    `${BODY}\narchives\nsplit -n 2 data.tar part.; gzip -n control.tar part.aa part.ab; cat part.aa.gz part.ab.gz >data.tar.gz
members debian-binary control.tar.gz data.tar.gz`,
  ],
  [
    'gz-name',
    'gzip without -n',
    'a name and a time in the header of gzip',
    `${BODY}\narchives\ngzip control.tar data.tar\nmembers debian-binary control.tar.gz data.tar.gz`,
  ],
  [
    'xz-blocks',
    'xz -T0 --block-size',
    'an xz of many blocks, with SHA-256 as its check',
    `${BODY}; seq 200000 | file /usr/share/$NAME/numbers\narchives\nxz -T2 --block-size=65536 --check=sha256 control.tar data.tar
members debian-binary control.tar.xz data.tar.xz`,
  ],
  [
    'xz-bcj',
    'xz --x86 --lzma2',
    'a filter for machine code in front of LZMA2',
    `${BODY}\narchives\nxz --x86 --lzma2=dict=1MiB control.tar data.tar\nmembers debian-binary control.tar.xz data.tar.xz`,
  ],
  [
    'xz-concatenated',
    'cat of two xz files',
    'an xz of two streams',
    `${BODY}\narchives\nsplit -n 2 data.tar part.; xz control.tar part.aa part.ab; cat part.aa.xz part.ab.xz >data.tar.xz
members debian-binary control.tar.xz data.tar.xz`,
  ],
  [
    'bz2-data',
    'CPack with CPACK_DEBIAN_COMPRESSION_TYPE bzip2',
    'data.tar.bz2, which dpkg-deb no longer makes',
    `${BODY}\narchives\ngzip -n control.tar; bzip2 data.tar\nmembers debian-binary control.tar.gz data.tar.bz2`,
  ],
  [
    'lzma-data',
    'CPack with CPACK_DEBIAN_COMPRESSION_TYPE lzma',
    'data.tar.lzma, which dpkg-deb no longer makes',
    `${BODY}\narchives\ngzip -n control.tar; xz --format=lzma data.tar\nmembers debian-binary control.tar.gz data.tar.lzma`,
  ],
  [
    'zst-frames',
    'zstd of two frames',
    'a zstd of several frames, with checksums',
    `${BODY}\narchives\nsplit -n 2 data.tar part.; zstd -q --check part.aa part.ab; cat part.aa.zst part.ab.zst >data.tar.zst; gzip -n control.tar
members debian-binary control.tar.gz data.tar.zst`,
  ],
  [
    'zst-long',
    'zstd --ultra --long=27',
    'a window of 128 megabytes',
    `${BODY}\narchives\nzstd -q --ultra -20 --long=27 data.tar; gzip -n control.tar\nmembers debian-binary control.tar.gz data.tar.zst`,
  ],
  [
    'data-wrong-suffix',
    'a script that renames',
    'data.tar.xz that is a gzip inside',
    `${BODY}\narchives\ngzip -n control.tar data.tar; mv data.tar.gz data.tar.xz\nmembers debian-binary control.tar.gz data.tar.xz`,
    { refused: ['decompress', 'compressed data is damaged'] },
  ],
  [
    'ar-table',
    'ar rcs',
    'names with a slash behind them, by GNU ar itself',
    `${BODY}\narchives\ngzip -n control.tar data.tar\nar rcs "$OUT" debian-binary control.tar.gz data.tar.gz`,
  ],
  [
    'ar-owners',
    'ar rcU',
    'times and owners of the builder in the headers of ar',
    `${BODY}\narchives\ngzip -n control.tar data.tar\nchown 1001:1001 debian-binary control.tar.gz data.tar.gz; ar rcU "$OUT" debian-binary control.tar.gz data.tar.gz`,
  ],
  [
    'ar-wrong-order',
    'xdotool before 2016',
    'data.tar.gz in front of control.tar.gz',
    `${BODY}\narchives\ngzip -n control.tar data.tar\nmembers debian-binary data.tar.gz control.tar.gz`,
    { refused: 'control' },
  ],
  [
    'ar-premature',
    'sbt-native-packager with dpkg 1.19',
    'control.tar twice: "archive has premature member"',
    `${BODY}\narchives\ngzip -nk control.tar; gzip -n data.tar\nmembers debian-binary control.tar control.tar.gz data.tar.gz`,
    { refused: 'control' },
  ],
  [
    'ar-signed',
    'dpkg-sig',
    'a signature behind the data',
    `${BODY}\narchives\ngzip -n control.tar data.tar; echo signature >_gpgbuilder\nmembers debian-binary control.tar.gz data.tar.gz _gpgbuilder`,
  ],
  [
    'ar-trailing',
    'a proxy that appends',
    'bytes behind the last member',
    `${BODY}\narchives\npacked; printf '\\n\\n' >>"$OUT"`,
    { otherwise: 'apt cannot read it' },
  ],
);
