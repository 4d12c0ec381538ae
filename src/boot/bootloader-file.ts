import { dirname } from 'node:path';
import { AptLayerError, errnoOf } from '../errors/index.ts';
import { readFileIfExists, syncDirectory, writeFileDurable } from '../fs/index.ts';
import {
  isObject,
  type JsonObject,
  parseStateFile,
  STATE_FILE_MAX_BYTES,
  type Sysroot,
  statePaths,
  stringArray,
  type Transaction,
} from '../transaction/index.ts';
import { publicArgument } from './public-argument.ts';

/** How a sysroot is booted: `state/bootloader.json`, written when it is installed on a disk. */
export interface Bootloader {
  readonly loader: 'systemd-boot' | 'grub';
  /** A partition, or a directory of the physical root file system. */
  readonly boot: { readonly partuuid: string } | { readonly path: string };
  /** Arguments by which each entry finds the sysroot: `root=UUID=...`. */
  readonly arguments: readonly string[];
  /** Whether an entry may require fs-verity. */
  readonly verity: boolean;
}

const VERSION = 1;

/** Undefined for a sysroot that no boot loader boots. CONFIG_INVALID when the file is damaged or newer. */
export function readBootloader({ host: { sys }, sysroot }: Sysroot): Bootloader | undefined {
  const { bootloader, publicBootloader } = statePaths(sysroot);
  const read = (path: string) => {
    const data = readFileIfExists(sys, path, STATE_FILE_MAX_BYTES);
    return data === undefined ? undefined : parseBootloader(path, data);
  };
  try {
    return read(bootloader);
  } catch (error) {
    if (errnoOf(error) !== 'EACCES') throw error;
    return read(publicBootloader);
  }
}

/** Durable when it returns. Only root may read it; beside it is what anybody may, with the arguments that are no secrets. */
export function writeBootloader({ host: { sys }, sysroot }: Transaction, bootloader: Bootloader): void {
  const text = (one: Bootloader) => `${JSON.stringify({ version: VERSION, ...one }, undefined, 2)}\n`;
  const paths = statePaths(sysroot);
  const shown = { ...bootloader, arguments: bootloader.arguments.map(publicArgument) };
  writeFileDurable(sys, paths.publicBootloader, text(shown));
  writeFileDurable(sys, paths.bootloader, text(bootloader), 0o600);
}

/** Closes what an older program let everybody read. */
export function closeBootloader(transaction: Transaction): void {
  const { host, sysroot } = transaction;
  const stat = host.sys.lstatIfExists(statePaths(sysroot).bootloader);
  if (stat === undefined || (stat.mode & 0o077) === 0) return;
  const bootloader = readBootloader(transaction);
  if (bootloader !== undefined) writeBootloader(transaction, bootloader);
}

/** No boot loader boots the sysroot from now on. Durable when it returns. */
export function removeBootloader({ host: { sys }, sysroot }: Transaction): void {
  const { bootloader, publicBootloader } = statePaths(sysroot);
  const found = [bootloader, publicBootloader].filter(path => sys.lstatIfExists(path) !== undefined);
  for (const path of found) sys.unlink(path);
  if (found.length > 0) syncDirectory(sys, dirname(bootloader));
}

/** Reads a `bootloader.json` of any content. */
export function parseBootloader(path: string, data: Buffer): Bootloader {
  const file = parseStateFile(path, data);
  const wrong = (key: string) =>
    new AptLayerError('CONFIG_INVALID', `${path}: ${key} is missing or not as it should be`);
  if (file['version'] !== VERSION) throw wrong('version');
  const { loader } = file;
  if (loader !== 'systemd-boot' && loader !== 'grub') throw wrong('loader');
  const boot = isObject(file['boot']) ? readPlace(file['boot']) : undefined;
  if (boot === undefined) throw wrong('boot');
  const words = stringArray(file['arguments']);
  if (words === undefined) throw wrong('arguments');
  return { loader, boot, arguments: words, verity: file['verity'] === true };
}

function readPlace(boot: JsonObject): Bootloader['boot'] | undefined {
  const { partuuid, path } = boot;
  // Both become parts of paths.
  if (typeof partuuid === 'string' && /^[0-9a-fA-F-]{1,64}$/.test(partuuid)) return { partuuid };
  if (typeof path === 'string' && /^(\/[\w.-]+)+$/.test(path) && !path.split('/').includes('..'))
    return { path };
  return undefined;
}
