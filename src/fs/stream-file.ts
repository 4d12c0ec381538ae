import { AptLayerError, withContextSync } from '../errors/index.ts';
import { S_IFMT, S_IFREG } from '../formats/tree/index.ts';
import type { Sys } from '../sys/index.ts';
import { writeFileDurable } from './durable.ts';

/**
 * Writes a file the user named: in one step and durable, as `writeFileDurable` does. Only a regular file is
 * replaced; a device, a directory or a link of that name is an error, since replacing it would hardly be meant.
 */
export function writeOutput(sys: Sys, path: string, data: Buffer, mode?: number): void {
  withContextSync(`writing ${path}`, () => {
    const existing = sys.lstatIfExists(path);
    if (existing !== undefined && (existing.mode & S_IFMT) !== S_IFREG)
      throw new AptLayerError('FAILED', 'there is something of that name that is no regular file', {
        hint: 'name another file, or - for standard output',
      });
    writeFileDurable(sys, path, data, mode);
  });
}
