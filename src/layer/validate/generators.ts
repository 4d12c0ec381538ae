import type { ByteString } from '../../formats/bytes/index.ts';

/** Paths that appear, change or go while packages are configured, though no package lists them. */
interface Generator {
  readonly paths: RegExp;
  readonly by: string;
}

/** A pattern that ends with `(\/|$)` stands for a path and all below it. */
const GENERATORS: readonly Generator[] = [
  {
    paths: /^\/(etc|var|run|tmp|dev|proc|sys|root|home|srv|mnt|media)(\/|$)/,
    by: 'the state of the machine',
  },
  { paths: /^\/boot(\/|$)|^\/(vmlinuz|initrd\.img)(\.old)?$/, by: 'linux-base and what makes an initramfs' },
  { paths: /\/__pycache__(\/|$)/, by: 'py3compile' },
  { paths: /^\/usr\/lib\/(?:pypy3|python3)\/dist-packages\/.*\.(pyc|so)$/, by: 'py3compile' },
  {
    paths: /^\/usr\/local(\/|$)/,
    by: 'Python and others, which make empty directories for the administrator',
  },
  { paths: /^\/usr\/share\/info\/dir(\.old)?$/, by: 'install-info' },
  { paths: /^\/usr\/lib\/modules\/[^/]+\/modules\.[^/]+$/, by: 'depmod' },
  {
    paths: /^\/usr\/lib\/modules\/[^/]+\/(updates|initrd\.img)(\/|$)/,
    by: 'dkms and what makes an initramfs',
  },
  { paths: /^\/usr\/src\/linux-headers-[^/]+\/scripts(\/|$)/, by: 'the postinst of kernel headers' },
  { paths: /^\/usr\/share\/mime\/(?!packages(\/|$))/, by: 'update-mime-database' },
  { paths: /^\/usr\/share\/applications\/(mimeinfo|bamf-2)\.(cache|index)$/, by: 'update-desktop-database' },
  {
    paths: /^\/usr\/share\/(icons|pixmaps)\/(.+\/)?(icon-theme|\.icon-theme)\.cache$/,
    by: 'gtk-update-icon-cache',
  },
  { paths: /^\/usr\/share\/glib-2\.0\/schemas\/gschemas\.compiled$/, by: 'glib-compile-schemas' },
  { paths: /\/gio\/modules\/giomodule\.cache$/, by: 'gio-querymodules' },
  {
    paths:
      /\/gtk-(2|3|4)\.0\/[^/]+\/(immodules\.cache|media\/giomodule\.cache|printbackends\/giomodule\.cache)$/,
    by: 'gtk-query-immodules',
  },
  { paths: /\/gdk-pixbuf-2\.0\/[^/]+\/loaders\.cache$/, by: 'gdk-pixbuf-query-loaders' },
  {
    paths: /\/gconv\/gconv-modules\.cache$|^\/usr\/lib\/locale\/(locale-archive|[^/]+\.utf8(\/|$))/,
    by: 'iconvconfig and locale-gen',
  },
  {
    paths: /^\/usr\/share\/fonts\/(.+\/)?(\.uuid|(fonts|encodings)\.(dir|scale|alias))$/,
    by: 'fontconfig and xfonts-utils',
  },
  {
    paths: /^\/usr\/share\/(texmf|texlive)(\/|$)|^\/usr\/local\/share\/texmf(\/|$)/,
    by: 'mktexlsr and updmap',
  },
  { paths: /^\/usr\/share\/(emacs|xemacs21)\/[^/]*\/?site-lisp(\/|$)/, by: 'emacs-package-install' },
  { paths: /^\/usr\/share\/vim\/.*\/doc\/tags(-..)?$|^\/usr\/share\/nvim\/.*\/tags$/, by: 'vim helptags' },
  { paths: /^\/usr\/lib\/jvm\/.*\.jsa$|^\/usr\/lib\/jvm\/.*\/lib\/security(\/|$)/, by: 'the Java runtime' },
  { paths: /^\/usr\/lib\/udev\/hwdb\.bin$/, by: 'systemd-hwdb' },
  { paths: /^\/usr\/lib\/sysimage(\/|$)/, by: 'the layout of an image' },
  {
    paths: /^\/usr\/lib\/systemd\/(system|user)(-preset)?\/[^/]+\.(wants|requires)(\/|$)/,
    by: 'systemctl enable',
  },
  { paths: /^\/usr\/share\/dictd?(\/|$)/, by: 'dictionaries-common' },
  { paths: /^\/usr\/lib\/(ispell|aspell)(\/|$)/, by: 'dictionaries-common' },
  { paths: /^\/usr\/lib\/cups\/backend\//, by: 'cups-daemon, which links the backends that were chosen' },
  { paths: /^\/usr\/share\/gnome\/applications\/[^/]+\.desktop$/, by: 'the trigger of gnome-menus' },
  { paths: /^\/usr\/share\/postgresql\/[^/]+\/tsearch_data\//, by: 'pg_updatedicts' },
  { paths: /\/cacerts$|^\/usr\/share\/ca-certificates\/[^/]*$/, by: 'update-ca-certificates' },
];

/** Whether what is at a path may be made, changed or removed by something that no package lists. */
export function isGenerated(path: ByteString): boolean {
  return GENERATORS.some(({ paths }) => paths.test(path));
}

/** Directories whose contents belong to the machine and to scripts, once packages have put them there. */
const STATE = /^\/(etc|var|run|tmp|dev|root|home|srv|mnt|media|boot)(\/|$)/;

export function isState(path: ByteString): boolean {
  return STATE.test(path);
}
