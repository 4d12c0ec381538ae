import { AptLayerError } from '../errors/index.ts';

/** Node's name of a processor to dpkg's name of the architecture (dpkg's cputable, Linux with glibc). */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  arm: 'armhf',
  ia32: 'i386',
  loong64: 'loong64',
  ppc64: 'ppc64el',
  riscv64: 'riscv64',
  s390x: 's390x',
};

/** Without asking dpkg, which would cost a process at each start. Throws HOST_UNSUPPORTED for an unknown one. */
export function debianArchitecture(nodeArchitecture: string): string {
  const found = ARCHITECTURES[nodeArchitecture];
  if (found === undefined)
    throw new AptLayerError('HOST_UNSUPPORTED', `Debian has no architecture for "${nodeArchitecture}"`, {
      hint: `run it on one of ${Object.values(ARCHITECTURES).join(', ')}`,
    });
  return found;
}
