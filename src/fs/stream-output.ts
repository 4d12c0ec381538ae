import fs from 'node:fs';
import { AptLayerError, errnoOf } from '../errors/index.ts';

/**
 * Opens a descriptor that the caller of the program left open, for writing lines to. Throws USAGE when it is not
 * open for writing. These writes are no changes to a file system of ours, so they do not go through Sys.
 *
 * The reader is not worth failing for: when it is gone (EPIPE) or does not keep up with a non-blocking pipe
 * (EAGAIN), what it misses is dropped.
 */
export function descriptorWriter(fd: number): (text: string) => void {
  try {
    fs.writeSync(fd, '');
  } catch (error) {
    throw new AptLayerError('USAGE', `file descriptor ${fd} is not open for writing`, {
      hint: `open it when starting the program, as in \`apt-layer --progress-fd ${fd} ... ${fd}>progress.jsonl\``,
      cause: error,
    });
  }
  let isGone = false;
  return text => {
    if (isGone) return;
    try {
      fs.writeSync(fd, text);
    } catch (error) {
      if (errnoOf(error) === 'EPIPE') isGone = true;
      else if (errnoOf(error) !== 'EAGAIN') throw error;
    }
  };
}

/** DEVICE:INODE of an open descriptor, as systemd writes it into `JOURNAL_STREAM`; undefined when it is closed. */
export function descriptorIdentity(fd: number): string | undefined {
  try {
    const { dev, ino } = fs.fstatSync(fd);
    return `${dev}:${ino}`;
  } catch (error) {
    if (errnoOf(error) === 'EBADF') return undefined;
    throw error;
  }
}
