import { made } from './made-package.ts';

const BODY = 'text /usr/share/$NAME/version';
/** A control file of the generator's own words behind the version. */
const after = (name: string, by: string, stands: string, lines: string, more = {}) =>
  [name, by, stands, `${BODY}\nfields\n${lines}\narchives; packed`, more] as const;
const add = (text: string) => `cat >>root/DEBIAN/control <<'C'\n${text}\nC`;

/** What generators and people write into control files. */
export const BY_CONTROL = made(
  after(
    'fields-fpm',
    'fpm',
    'Vendor and License, an old priority, a section of an archive that is none',
    add(
      'Vendor: builder@ci-runner-17\nLicense: Apache-2.0\nInstalled-Size: 1\nSection: default\nPriority: extra\nHomepage: http://example.com/no-uri-given',
    ),
  ),
  after(
    'fields-lower',
    'a template',
    'names of fields in lower case',
    `sed -i 's/^Maintainer/maintainer/; s/^Description/description/' root/DEBIAN/control`,
  ),
  after(
    'fields-tabs',
    'jdeb',
    'tabs and blanks around values',
    `sed -i 's/^Version: /Version:\\t  /; s/^Maintainer: /Maintainer:/' root/DEBIAN/control`,
  ),
  after(
    'fields-folded',
    'ospackage',
    'relations over several lines',
    add('Depends: libc6\n  , dpkg (>= 1.0),\n apt | aptitude'),
  ),
  after(
    'fields-own',
    'a packaging system',
    'fields that nobody knows, of one word and with odd letters',
    add(
      'XB-Build-Id: 4711\nGit-Commit: 0123456789abcdef\nBugs: https://example.org/bugs\nTag: role::program\nBuilt-Using: gcc-13 (= 13.2.0-1)\nStatic-Built-Using: rustc (= 1.70)',
    ),
  ),
  after(
    'fields-long',
    'cargo-deb',
    'a description of sixty thousand bytes in all scripts',
    `seq -f ' Line %g with Grüße and 日本語.' 1500 >>root/DEBIAN/control`,
  ),
  after(
    'description-unindented',
    'CPack',
    'a description whose second line is not indented: Xournal++ 1.0.20',
    `printf 'flexibility, functionality and speed. And more.\\n' >>root/DEBIAN/control`,
    { refused: ['must be followed by colon', 'no field name and colon'] },
  ),
  after(
    'description-blank',
    'exrm_deb, f2',
    'an empty line in the description: "several package info entries found"',
    `printf '\\n A second paragraph.\\n' >>root/DEBIAN/control`,
    { refused: ['empty field name', 'a continued line'] },
  ),
  after(
    'version-dev',
    'gattlib',
    'a version that is a word',
    `sed -i 's/^Version: .*/Version: dev/' root/DEBIAN/control`,
    { refused: ['does not start with digit', 'does not begin with a digit'] },
  ),
  after(
    'version-describe',
    'git describe',
    'a long version with a hash and a tilde',
    `sed -i "s/^Version: .*/Version: $VERSION~rc1+git20240101.0123456-dirty/" root/DEBIAN/control`,
  ),
  after(
    'version-epoch',
    'a vendor that went back',
    'an epoch, and a version that is lower but for it',
    `[ $VERSION = 1.0 ] && v=2024.1-1 || v=1:0.9-1; sed -i "s/^Version: .*/Version: $v/" root/DEBIAN/control`,
  ),
  after(
    'depends-empty',
    'electron-installer-debian',
    'an empty relation between commas',
    add('Depends: libc6, , dpkg'),
    { refused: "'Depends' field" },
  ),
  after(
    'depends-missing',
    'electron-builder 23',
    'packages that Debian removed: gconf2, libappindicator1',
    add('Depends: gconf2, gconf-service, libappindicator1'),
    { refused: ['dependency problems', 'gconf2'] },
  ),
  after(
    'depends-versions',
    'dpkg-shlibdeps',
    'versions with epochs, tildes and alternatives that the base has',
    add('Pre-Depends: dpkg (>= 1.15.6~)\nDepends: libc6 (>= 2.14), passwd (>= 1:4.1) | shadow, perl-base'),
  ),
  after(
    'depends-self',
    'a generator',
    'a package that depends on itself and provides itself',
    add('Depends: depends-self\nProvides: depends-self (= 1.0)'),
  ),
  after(
    'recommends-missing',
    'Slack',
    'recommendations and suggestions that are nowhere',
    add('Recommends: libappindicator3-1-gone\nSuggests: gir1.2-gnomekeyring-1.0-gone\nEnhances: nothing'),
  ),
  after(
    'conflicts-own-name',
    'a vendor with channels',
    'it conflicts with what it provides itself',
    add('Provides: corpus-browser\nConflicts: corpus-browser\nReplaces: corpus-browser'),
  ),
  after(
    'conflicts-base',
    'a replacement of apt',
    'it conflicts with a package that is installed',
    add('Conflicts: apt'),
    { refused: 'apt' },
  ),
  after(
    'breaks-base',
    'a package of a newer release',
    'it breaks the version of a package that is installed',
    add('Breaks: dpkg (<< 99)'),
    { refused: 'dpkg' },
  ),
  after('essential', 'an appliance', 'Essential: yes, so dpkg does not remove it', add('Essential: yes')),
  after('protected', 'an appliance', 'Protected: yes, and Important as before', add('Protected: yes')),
  after(
    'arch-x86-64',
    'a build script with uname -m',
    'the name of the processor that the kernel uses',
    `sed -i 's/: all/: x86_64/' root/DEBIAN/control`,
    { refused: 'package architecture (x86_64) does not match system' },
  ),
  after(
    'arch-arm64',
    'a download of the wrong file',
    'another processor',
    `sed -i 's/: all/: arm64/' root/DEBIAN/control`,
    { refused: 'does not match system' },
  ),
  after('multi-arch-foreign', 'a tool for all processors', 'Multi-Arch: foreign', add('Multi-Arch: foreign')),
  after(
    'maintainer-plain',
    'a JSON manifest',
    'a maintainer without an address, and in another script',
    `sed -i 's/^Maintainer: .*/Maintainer: Größe und Söhne "GmbH"/' root/DEBIAN/control`,
  ),
  after(
    'no-description',
    'f2 2.1.0',
    'no description at all',
    `sed -i '/^Description/d' root/DEBIAN/control`,
  ),
  after(
    'shlibs',
    'a library of a vendor',
    'shlibs, symbols and a copyright in the control archive',
    `echo 'libcorpus 1 shlibs' >root/DEBIAN/shlibs; echo 'libcorpus.so.1 shlibs #MINVER#' >root/DEBIAN/symbols; echo 'All rights reserved' >root/DEBIAN/copyright`,
  ),
  after(
    'control-junk',
    'a Mac',
    'files of the Finder and of an editor in the control archive',
    `echo x >root/DEBIAN/._control; echo x >root/DEBIAN/.DS_Store; cp root/DEBIAN/control root/DEBIAN/control~`,
  ),
  after(
    'control-modes',
    'sbt-launcher',
    'modes of control files that no one may read, or all may write',
    `echo x >root/DEBIAN/shlibs; chmod 0600 root/DEBIAN/control; chmod 0664 root/DEBIAN/shlibs`,
  ),
);
