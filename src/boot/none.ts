import { AptLayerError } from '../errors/index.ts';
import { readFileIfExists, writeFileDurable } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';
import { parseStateFile, STATE_FILE_MAX_BYTES, statePaths, stringArray } from '../transaction/index.ts';
import type { BootDriver } from './driver.ts';

/**
 * The driver of a sysroot without a boot loader (a container host, a build machine, a disk being filled): the order is
 * `state/boot.json`, `{"version": 1, "order": ["ID", ...]}`.
 */
export function noBootLoader(sys: Sys, sysroot: string): BootDriver {
  const path = statePaths(sysroot).bootOrder;
  return {
    name: 'none',
    readOrder() {
      const data = readFileIfExists(sys, path, STATE_FILE_MAX_BYTES);
      return data === undefined ? undefined : parseBootOrder(path, data);
    },
    writeOrder: ids => writeFileDurable(sys, path, `${JSON.stringify({ version: 1, order: ids })}\n`),
    booted: () => undefined,
  };
}

/** Reads a boot order file; CONFIG_INVALID when it is damaged or written by a newer version. */
export function parseBootOrder(path: string, data: Buffer): readonly string[] {
  const file = parseStateFile(path, data);
  if (file['version'] !== 1)
    throw new AptLayerError(
      'CONFIG_INVALID',
      `${path} has the unknown version ${JSON.stringify(file['version'])}`,
    );
  const order = stringArray(file['order']);
  if (order === undefined)
    throw new AptLayerError('CONFIG_INVALID', `${path}: order is not a list of deployment ids`, {
      hint: `remove ${path}; deployments are then in the order of their age`,
    });
  return order;
}
