import { AptLayerError } from '../errors/index.ts';
import { readFileIfExists, writeFileDurable } from '../fs/index.ts';
import {
  parseStateFile,
  STATE_FILE_MAX_BYTES,
  type Sysroot,
  statePaths,
  stringArray,
  type Transaction,
} from '../transaction/index.ts';

/**
 * Deployment ids, the next boot first, as `state/boot.json` has them: `{"version": 1, "order": ["ID", ...]}`. Undefined
 * when none was ever written. The entries of a boot loader are made from it.
 */
export function readBootOrder({ host: { sys }, sysroot }: Sysroot): readonly string[] | undefined {
  const path = statePaths(sysroot).bootOrder;
  const data = readFileIfExists(sys, path, STATE_FILE_MAX_BYTES);
  return data === undefined ? undefined : parseBootOrder(path, data);
}

/** Durable when it returns; one rename. Called with the lock held. */
export function writeBootOrder({ host: { sys }, sysroot }: Transaction, ids: readonly string[]): void {
  const text = `${JSON.stringify({ version: 1, order: ids })}\n`;
  parseBootOrder('the new boot order', Buffer.from(text));
  writeFileDurable(sys, statePaths(sysroot).bootOrder, text);
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
