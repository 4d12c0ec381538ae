/** Something of a plain Debian root that has another place in an image. */
export interface Relocation {
  /** Where Debian has it. */
  readonly from: string;
  /** Where an image has it; a relative link from the old place leads there. */
  readonly to: string;
}

/**
 * What says which packages an image has and how they were configured: it is part of the image, not of the machine's state
 * in /var, where the state of one image would meet the packages of another. Each is written by maintainer scripts and by
 * administration tools for packages, which an image lets run only while it is built; then all is back at its old place.
 *
 * A link to a directory is safe with each of them, read-only as well: they open, create and rename names inside it. Where
 * the state is a single file, its writer renames a new file over the name, and would replace the link.
 */
export const IMAGE_STATE: readonly (Relocation & { readonly why: string })[] = [
  {
    from: '/var/lib/dpkg',
    to: '/usr/lib/sysimage/dpkg',
    why: 'what is installed, and the state of alternatives, diversions, statoverrides and triggers; dpkg only reads it when it cannot lock it',
  },
  {
    from: '/var/lib/apt/extended_states',
    to: '/usr/lib/sysimage/apt/extended_states',
    why: 'which packages came as dependencies; a file: /var/lib/apt also has lists, which the machine fetches. apt-mark on a running machine replaces the link',
  },
  {
    from: '/var/cache/debconf',
    to: '/usr/lib/sysimage/debconf',
    why: 'answers to the questions of installed packages; debconf writes config.dat-new beside config.dat and renames it',
  },
  {
    from: '/var/lib/ucf',
    to: '/usr/lib/sysimage/ucf',
    why: 'sums of configuration files as packages made them; hashfile and registry are replaced by rename',
  },
  {
    from: '/var/lib/pam',
    to: '/usr/lib/sysimage/pam',
    why: 'which profiles of packages /etc/pam.d was made of; pam-auth-update renames inside, and makes the directory only when it is missing',
  },
  {
    from: '/var/lib/systemd/deb-systemd-helper-enabled',
    to: '/usr/lib/sysimage/deb-systemd/helper-enabled',
    why: 'links to units that maintainer scripts enabled; systemctl does not use it',
  },
  {
    from: '/var/lib/systemd/deb-systemd-helper-masked',
    to: '/usr/lib/sysimage/deb-systemd/helper-masked',
    why: 'units that maintainer scripts masked',
  },
  {
    from: '/var/lib/systemd/deb-systemd-user-helper-enabled',
    to: '/usr/lib/sysimage/deb-systemd/user-helper-enabled',
    why: 'the same for user units',
  },
  {
    from: '/var/lib/systemd/deb-systemd-user-helper-masked',
    to: '/usr/lib/sysimage/deb-systemd/user-helper-masked',
    why: 'the same for user units',
  },
  {
    from: '/var/lib/dkms',
    to: '/usr/lib/sysimage/dkms',
    why: 'which modules are built for the kernels of the image, from sources in its /usr/src; written by dkms',
  },
  {
    from: '/var/lib/python',
    to: '/usr/lib/sysimage/python',
    why: 'marks that a version of Python is set up; a mark without its image would skip the byte compilation',
  },
  {
    from: '/var/lib/emacsen-common',
    to: '/usr/lib/sysimage/emacsen-common',
    why: 'which add-ons are set up for which Emacs; written by emacs-package-install',
  },
  {
    from: '/var/lib/dictionaries-common',
    to: '/usr/lib/sysimage/dictionaries-common',
    why: 'tables of installed dictionaries; written by update-default-* and select-default-* of packages',
  },
  {
    from: '/var/lib/sgml-base',
    to: '/usr/lib/sysimage/sgml-base',
    why: 'the catalogue of all catalogues that packages ship; update-catalog renames inside',
  },
  {
    from: '/var/lib/xml-core',
    to: '/usr/lib/sysimage/xml-core',
    why: 'state of the catalogues of /etc/xml; written by update-xmlcatalog',
  },
  {
    from: '/var/lib/ghostscript',
    to: '/usr/lib/sysimage/ghostscript',
    why: 'maps of installed fonts, with paths into /usr',
  },
  {
    from: '/var/lib/texmf',
    to: '/usr/lib/sysimage/texmf',
    why: 'formats and maps made from installed packages; users make theirs in their own directories',
  },
  {
    from: '/var/cache/fontconfig',
    to: '/usr/lib/sysimage/fontconfig',
    why: 'valid by the times of font directories, which say nothing between images of one epoch; users without a cache make their own',
  },
];

/**
 * Directories of the machine, not of the image: links into /var, where a machine keeps what it puts there. What the image has in
 * them becomes the first content of the machine's. /opt is not here, since packages ship files in it.
 *
 * /usr/local too, though maintainer scripts make directories in it (Python's dist-packages): they find a plain directory
 * while an image is built, and a machine gets the directories it lacks from the image's /var. `mode` is that of a
 * directory that a root lacks.
 */
export const MACHINE_DIRECTORIES: readonly (Relocation & { readonly mode: number })[] = [
  { from: '/home', to: '/var/home', mode: 0o755 },
  { from: '/root', to: '/var/roothome', mode: 0o700 },
  { from: '/srv', to: '/var/srv', mode: 0o755 },
  { from: '/mnt', to: '/var/mnt', mode: 0o755 },
  { from: '/usr/local', to: '/var/usrlocal', mode: 0o755 },
];

/** Where removable media are mounted: below /run, as nothing else can be written to before anybody mounts. */
export const MEDIA: Relocation = { from: '/media', to: '/run/media' };

/** What the image has of /opt, and the place in /var that /opt leads to. */
export const OPT = { from: '/opt', content: '/usr/lib/opt', to: '/var/opt' } as const;

/** Files of the image in a directory of the machine. */
export interface Owned {
  /** Where Debian has the directory. */
  readonly from: string;
  /** Where a machine has it. */
  readonly to: string;
  /** Where the image has its own files; `to` has a link for each. */
  readonly content: string;
  /** Which files are the image's: all that it has there, or those of packages, where scripts put files for the machine to change. */
  readonly which: 'all' | 'packages';
}

/**
 * Directories of the machine in which images have files: these change and go with the image, while the directories, and what
 * the machine puts there, are its own.
 */
export const OWNED: readonly Owned[] = [
  { from: '/usr/local', to: '/var/usrlocal', content: '/usr/lib/sysimage/usrlocal', which: 'all' },
  { from: '/srv', to: '/var/srv', content: '/usr/lib/sysimage/srv', which: 'all' },
  { from: '/mnt', to: '/var/mnt', content: '/usr/lib/sysimage/mnt', which: 'all' },
  { from: '/root', to: '/var/roothome', content: '/usr/lib/sysimage/roothome', which: 'packages' },
  { from: '/home', to: '/var/home', content: '/usr/lib/sysimage/home', which: 'packages' },
  { from: '/var/www', to: '/var/www', content: '/usr/lib/sysimage/www', which: 'packages' },
];

/** Says which links lead to files of the image: systemd-tmpfiles(8) makes those at boot that an older or newer deployment took away. */
export const LINKS_FILE = '/usr/lib/tmpfiles.d/apt-layer-links.conf';

/** What the image has of /boot, its kernels apart, which are with their modules. */
export const BOOT = {
  from: '/boot',
  content: '/usr/lib/sysimage/boot',
  modules: '/usr/lib/modules',
} as const;

/** Mount points, and what is filled anew on each boot. */
export const EMPTY_DIRECTORIES: readonly { readonly path: string; readonly mode: number }[] = [
  { path: '/dev', mode: 0o755 },
  { path: '/proc', mode: 0o555 },
  { path: '/sys', mode: 0o555 },
  { path: '/run', mode: 0o755 },
  { path: '/tmp', mode: 0o1777 },
  { path: '/sysroot', mode: 0o755 },
];

/** Directories that layouts are made in: links there would lead the links above astray. */
export const REAL_DIRECTORIES: readonly string[] = [
  '/usr',
  '/usr/lib',
  '/usr/lib/sysimage',
  '/var',
  '/var/lib',
  '/var/cache',
];
