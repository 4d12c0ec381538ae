/** Where GRUB's boot.S has what the installer fills in, and how much of the sector is its own (include/grub/i386/pc/boot.h). */
const KERNEL_SECTOR = 0x5c;
const BOOT_DRIVE = 0x64;
const DRIVE_CHECK = 0x66;
const CODE_BYTES = 0x1b8;
/** The first block list of diskboot.S, at the end of the core's first sector. */
const BLOCK_LIST = 0x1f4;
/** Where the rest of the core is loaded: GRUB_BOOT_I386_PC_KERNEL_SEG and one sector. */
const LOAD_SEGMENT = 0x820;
const SECTOR_BYTES = 512;
const NOP = 0x90;

/**
 * The first sector of a disk with GRUB's boot code in it: it loads `coreSector` from the disk that the BIOS boots from.
 * The rest of the sector (disk signature, protective partition table) stays as `sector` has it.
 */
export function bootSector(sector: Buffer, bootImage: Buffer, coreSector: number): Buffer {
  if (sector.length !== SECTOR_BYTES || bootImage.length !== SECTOR_BYTES)
    throw new Error('a boot sector has 512 bytes');
  const result = Buffer.from(sector);
  bootImage.copy(result, 0, 0, CODE_BYTES);
  result.writeBigUInt64LE(BigInt(coreSector), KERNEL_SECTOR);
  result.writeUInt8(0xff, BOOT_DRIVE);
  // Some BIOS name a wrong drive; without this jump the code corrects it for hard disks.
  result.fill(NOP, DRIVE_CHECK, DRIVE_CHECK + 2);
  return result;
}

/** GRUB's core for a BIOS boot partition that begins at `coreSector`: its first sector is told where the others are. */
export function coreInPlace(core: Buffer, coreSector: number): Buffer {
  const sectors = Math.ceil(core.length / SECTOR_BYTES);
  const result = Buffer.alloc(sectors * SECTOR_BYTES);
  core.copy(result);
  result.writeBigUInt64LE(BigInt(coreSector + 1), BLOCK_LIST);
  result.writeUInt16LE(sectors - 1, BLOCK_LIST + 8);
  result.writeUInt16LE(LOAD_SEGMENT, BLOCK_LIST + 10);
  return result;
}
