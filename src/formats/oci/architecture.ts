/** Debian's architectures that Go calls otherwise (go tool dist list); variants are left out. */
const GO_NAMES: Readonly<Record<string, string>> = {
  i386: '386',
  armhf: 'arm',
  armel: 'arm',
  ppc64el: 'ppc64le',
  mips64el: 'mips64le',
  loong64: 'loong64',
};

/** What OCI calls an architecture of Debian. */
export function ociArchitecture(debian: string): string {
  return GO_NAMES[debian] ?? debian;
}
