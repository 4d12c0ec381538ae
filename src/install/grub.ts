import { toText } from '../formats/bytes/index.ts';
import { ensureDirectory, listDirectory, writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { bootSector, coreInPlace } from './boot-code.ts';
import { grubConfig, grubEarlyConfig } from './grub-config.ts';
import type { SerialConsole } from './kernel-arguments.ts';
import { writeNew } from './new-file.ts';
import { type DiskPlan, partitionOf } from './partition-plan.ts';
import type { DiskTarget } from './target.ts';
import { GRUB_DIRECTORY, type GrubTarget } from './tools.ts';

/** What the core needs to reach the boot partition; all else it loads from there. */
const CORE_MODULES: Readonly<Record<GrubTarget, readonly string[]>> = {
  'i386-pc': ['biosdisk', 'part_gpt', 'ext2', 'search_fs_uuid', 'normal', 'configfile'],
  'x86_64-efi': ['part_gpt', 'ext2', 'fat', 'search_fs_uuid', 'normal', 'configfile'],
};
/** Modules and the lists by which GRUB finds them. */
const LOADED = /\.(?:mod|lst)$/;
const SECTOR_BYTES = 512;

/** Puts GRUB's configuration below a boot directory. */
export function writeGrubConfig(host: Host, boot: string, serial: SerialConsole | undefined): void {
  ensureDirectory(host.sys, `${boot}/grub`);
  writeFileDurable(host.sys, `${boot}/grub/grub.cfg`, grubConfig(serial));
}

/** Puts the modules that GRUB loads when it needs them below a new boot directory. */
export function writeGrubModules(host: Host, boot: string): void {
  for (const target of Object.keys(CORE_MODULES)) {
    const source = `${GRUB_DIRECTORY}/${target}`;
    ensureDirectory(host.sys, `${boot}/grub/${target}`);
    for (const name of listDirectory(host.sys, source)
      .map(toText)
      .filter(one => LOADED.test(one)))
      writeNew(host, `${boot}/grub/${target}/${name}`, host.sys.readFile(`${source}/${name}`));
  }
}

/** GRUB's core for one kind of firmware, as bytes: for UEFI a program, for BIOS what bootSector loads. */
export async function makeGrubCore(
  host: Host,
  target: GrubTarget,
  work: { readonly directory: string; readonly bootUuid: string },
): Promise<Buffer> {
  const { directory, bootUuid } = work;
  ensureDirectory(host.sys, directory, 0o700);
  const early = `${directory}/${target}.cfg`;
  const core = `${directory}/${target}.img`;
  writeFileDurable(host.sys, early, grubEarlyConfig(bootUuid));
  await host.runner.run({
    tool: 'grub-mkimage',
    args: [
      ...['--directory', `${GRUB_DIRECTORY}/${target}`, '--format', target, '--prefix', '/grub'],
      ...['--config', early, '--output', core, ...CORE_MODULES[target]],
    ],
  });
  return host.sys.readFile(core);
}

/** Makes a disk start GRUB's core on a BIOS: the core in its partition, then the boot code in the first sector. */
export async function embedGrub(
  host: Host,
  target: DiskTarget,
  made: { readonly plan: DiskPlan; readonly core: Buffer; readonly biosDevice: string },
): Promise<void> {
  const bios = partitionOf(made.plan, 'bios');
  const coreSector = bios.startBytes / SECTOR_BYTES;
  const core = coreInPlace(made.core, coreSector);
  if (core.length > bios.sizeBytes) throw new Error(`GRUB's core has ${core.length} bytes`);
  await overwrite(host, made.biosDevice, core);
  const sector = readFirstSector(host, target.path);
  const boot = host.sys.readFile(`${GRUB_DIRECTORY}/i386-pc/boot.img`);
  await overwrite(host, target.path, bootSector(sector, boot, coreSector));
}

function readFirstSector(host: Host, path: string): Buffer {
  const sector = Buffer.alloc(SECTOR_BYTES);
  const fd = host.sys.openRead(path);
  try {
    host.sys.read(fd, sector, 0);
  } finally {
    host.sys.close(fd);
  }
  return sector;
}

async function overwrite(host: Host, path: string, bytes: Buffer): Promise<void> {
  await host.runner.run({
    tool: 'dd',
    args: [`of=${path}`, `bs=${SECTOR_BYTES}`, 'iflag=fullblock', 'conv=notrunc,fsync', 'status=none'],
    stdin: bytes,
  });
}
