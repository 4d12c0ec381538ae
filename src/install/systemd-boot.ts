import { AptLayerError } from '../errors/index.ts';
import { fromText } from '../formats/bytes/index.ts';
import { lookup, type Tree } from '../formats/tree/index.ts';
import { ensureDirectory, writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { readContent, type Store } from '../store/index.ts';

/** Names by architecture: of systemd's program, and of what firmware starts on a disk that it does not know. */
const NAMES: Readonly<Record<string, { readonly program: string; readonly fallback: string }>> = {
  amd64: { program: 'systemd-bootx64.efi', fallback: 'BOOTX64.EFI' },
  arm64: { program: 'systemd-bootaa64.efi', fallback: 'BOOTAA64.EFI' },
  riscv64: { program: 'systemd-bootriscv64.efi', fallback: 'BOOTRISCV64.EFI' },
};
const DIRECTORY = '/usr/lib/systemd/boot/efi';
const LOADER_CONFIG = 'timeout 3\n';
/** Says that entries follow the Boot Loader Specification. */
const ENTRIES_RELEASE = 'type1\n';

/** systemd-boot's program. */
export interface BootProgram {
  readonly name: string;
  readonly fallback: string;
  readonly bytes: Buffer;
}

/** Finds systemd-boot in the image, which it then belongs to, else on the host. HOST_UNSUPPORTED when neither has it. */
export function findBootProgram(host: Host, store: Store, tree: Tree): BootProgram {
  const names = NAMES[host.architecture];
  if (names === undefined)
    throw new AptLayerError('HOST_UNSUPPORTED', `there is no systemd-boot for ${host.architecture}`);
  const path = `${DIRECTORY}/${names.program}`;
  const node = lookup(tree, fromText(path));
  const { program: name, fallback } = names;
  if (node?.kind === 'file') return { name, fallback, bytes: readContent(store, node) };
  if (host.sys.lstatIfExists(path) === undefined)
    throw new AptLayerError('HOST_UNSUPPORTED', `neither the image nor this host has ${path}`, {
      hint: 'apt-get install systemd-boot-efi',
      details: { packages: ['systemd-boot-efi'] },
    });
  return { name, fallback, bytes: host.sys.readFile(path) };
}

/**
 * Puts systemd-boot into a boot directory, where any firmware finds it, and its configuration where there is none yet.
 */
export function writeBootProgram(host: Host, boot: string, program: BootProgram): void {
  for (const name of ['EFI/BOOT', 'EFI/systemd', 'loader/entries'])
    ensureDirectory(host.sys, `${boot}/${name}`);
  const files = [
    [`EFI/BOOT/${program.fallback}`, program.bytes],
    [`EFI/systemd/${program.name}`, program.bytes],
    ['loader/entries.srel', ENTRIES_RELEASE],
  ] as const;
  for (const [name, content] of files) writeFileDurable(host.sys, `${boot}/${name}`, content);
  const config = `${boot}/loader/loader.conf`;
  if (host.sys.lstatIfExists(config) === undefined) writeFileDurable(host.sys, config, LOADER_CONFIG);
}
