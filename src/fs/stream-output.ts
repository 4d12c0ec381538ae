import fs from 'node:fs';
import { isatty } from 'node:tty';
import { AptLayerError, errnoOf } from '../errors/index.ts';

const O_ACCMODE = 3;

/**
 * Opens a descriptor that the caller of the program left open, for writing lines to. Throws USAGE when it is not
 * open for writing, or is one that Node opened for itself. These writes are no changes to a file system of ours, so
 * they do not go through Sys.
 *
 * The reader is not worth failing for: when it is gone (EPIPE) or does not keep up with a non-blocking pipe
 * (EAGAIN), what it misses is dropped.
 */
export function descriptorWriter(fd: number): (text: string) => void {
  if (!isFromCaller(fd))
    throw new AptLayerError('USAGE', `file descriptor ${fd} is not open for writing`, {
      hint: `open it when starting the program, as in \`apt-layer --progress-fd ${fd} ... ${fd}>progress.jsonl\``,
    });
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

/** Whether writes to a descriptor go to a file or a device: Node's stream for these leaves out what a full disk has no room for. */
export function isFileDescriptor(fd: number): boolean {
  const stat = ifOpen(() => fs.fstatSync(fd));
  return stat !== undefined && (stat.isFile() || (stat.isCharacterDevice() && !isatty(fd)));
}

/** Writes all of `data`; throws what the system says when there is no room for it. */
export function writeDescriptor(fd: number, data: string | Uint8Array): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  for (let done = 0; done < bytes.length; ) done += fs.writeSync(fd, bytes, done);
}

/**
 * Node has event queues and pipes to itself open from the start, at the lowest free numbers. Writing into one of
 * them would do harm, so a descriptor counts only when it is neither an anonymous inode nor a pipe with both ends
 * in this process.
 */
function isFromCaller(fd: number): boolean {
  const target = targetOf(fd);
  if (target === undefined || target.startsWith('anon_inode:') || accessMode(fd) === fs.constants.O_RDONLY)
    return false;
  if (!target.startsWith('pipe:')) return true;
  return !fs
    .readdirSync('/proc/self/fd')
    .map(Number)
    .some(other => targetOf(other) === target && accessMode(other) === fs.constants.O_RDONLY);
}

function targetOf(fd: number): string | undefined {
  return ifOpen(() => fs.readlinkSync(`/proc/self/fd/${fd}`));
}

/** From the `flags:` line, which is octal (proc_pid_fdinfo(5)). */
function accessMode(fd: number): number | undefined {
  const info = ifOpen(() => fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'));
  const flags = /^flags:\s*([0-7]+)$/m.exec(info ?? '')?.[1];
  return flags === undefined ? undefined : Number.parseInt(flags, 8) & O_ACCMODE;
}

function ifOpen<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
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
