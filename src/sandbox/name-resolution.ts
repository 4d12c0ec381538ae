import { toText } from '../formats/bytes/index.ts';
import type { Host } from '../host/index.ts';
import type { Sys } from '../sys/index.ts';
import type { PrivateNetwork } from './private-network.ts';
import type { Scratch } from './scratch.ts';

/** As many as the kernel follows. */
const LINKS_MAX = 40;
/** Directories that are empty memory in a sandbox, whatever the image has there. */
const EMPTY = ['run', 'tmp'];
/** Directories that are something else in a sandbox. */
const OTHER = ['proc', 'sys', 'dev'];

/** How programs in a sandbox get the resolver of their network: by /etc/resolv.conf, or by what it links to. None where neither can be. */
export function nameResolution(
  { sys }: Host,
  scratch: Scratch,
  network: PrivateNetwork,
): { source: string; target: string }[] {
  const place = placeOf(sys, `/proc/${scratch.pid}/root${scratch.root}`, '/etc/resolv.conf');
  const isUsable = place !== undefined && (place.isThere || place.isEmpty || scratch.writable);
  return isUsable ? [{ source: network.resolvConf, target: place.path }] : [];
}

interface Place {
  readonly path: string;
  readonly isThere: boolean;
  /** It is in memory that the sandbox begins with. */
  readonly isEmpty: boolean;
}

/**
 * The path of a file below `root` with every symbolic link followed there, as in a chroot: what bwrap is told has none, since it would
 * follow them elsewhere. Undefined where no file can be.
 */
export function placeOf(
  sys: Pick<Sys, 'lstatIfExists' | 'readlink'>,
  root: string,
  path: string,
): Place | undefined {
  const pending = path.split('/').reverse();
  const done: string[] = [];
  for (let links = 0; pending.length > 0; ) {
    const name = pending.pop() as string;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      done.pop();
      continue;
    }
    done.push(name);
    const here = `/${done.join('/')}`;
    if (OTHER.includes(done[0] as string)) return undefined;
    if (EMPTY.includes(done[0] as string)) {
      if (pending.length > 0) continue;
      return done.length > 1 ? { path: here, isThere: false, isEmpty: true } : undefined;
    }
    const stat = sys.lstatIfExists(`${root}${here}`);
    const kind = stat === undefined ? undefined : stat.mode & 0o170000;
    if (kind === 0o120000) {
      links += 1;
      if (links > LINKS_MAX) return undefined;
      const target = toText(sys.readlink(`${root}${here}`));
      done.pop();
      if (target.startsWith('/')) done.length = 0;
      pending.push(...target.split('/').reverse());
    } else if (kind !== 0o040000)
      return pending.length === 0 && (kind === undefined || kind === 0o100000)
        ? { path: here, isThere: kind !== undefined, isEmpty: false }
        : undefined;
  }
  return undefined;
}
