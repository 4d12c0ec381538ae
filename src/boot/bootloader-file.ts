import { dirname } from 'node:path';
import { AptLayerError } from '../errors/index.ts';
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
  const path = statePaths(sysroot).bootloader;
  const data = readFileIfExists(sys, path, STATE_FILE_MAX_BYTES);
  return data === undefined ? undefined : parseBootloader(path, data);
}

/** Durable when it returns. */
export function writeBootloader({ host: { sys }, sysroot }: Transaction, bootloader: Bootloader): void {
  const text = `${JSON.stringify({ version: VERSION, ...bootloader }, undefined, 2)}\n`;
  writeFileDurable(sys, statePaths(sysroot).bootloader, text);
}

/** No boot loader boots the sysroot from now on. Durable when it returns. */
export function removeBootloader({ host: { sys }, sysroot }: Transaction): void {
  const path = statePaths(sysroot).bootloader;
  if (sys.lstatIfExists(path) === undefined) return;
  sys.unlink(path);
  syncDirectory(sys, dirname(path));
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
