import { AptLayerError } from '../errors/index.ts';
import { type ByteString, fromText, joinPath, toPath, toText } from '../formats/bytes/index.ts';
import { S_IFDIR, S_IFLNK, S_IFMT } from '../formats/tree/index.ts';
import type { Host } from '../host/index.ts';

/** Directories that a sandbox has instead of those of the image. */
const OWN_PLACES = ['proc', 'dev', 'run', 'tmp', 'sys'] as const;
type OwnPlace = (typeof OWN_PLACES)[number];

/** As many as the kernel follows in one path (MAXSYMLINKS). */
const SYMLINKS_MAX = 40;

/** Where things are mounted into a sandbox, as absolute paths in which no name is a link. */
interface MountPoints {
  readonly own: Readonly<Record<OwnPlace, string>>;
  /** Where a path of the sandbox is; what is missing of it will be made. */
  of(path: string): string;
}

/**
 * Looks up, in the root of an image that is mounted at `root`, where the mounts of a sandbox go. bwrap makes mount points while it still
 * has the host's files, and a link of the image would lead it there; so links are followed here, inside the root as in a chroot.
 * FAILED for one that leads into what the sandbox mounts itself, where the kernel has links of its own (/proc/1/root).
 */
export function mountPoints(host: Pick<Host, 'sys'>, root: string): MountPoints {
  const resolve = (path: string, places: readonly string[]) => {
    const found = withoutLinks(host, root, path);
    const place = places.find(one => found.startsWith(`${one}/`));
    if (place !== undefined)
      throw refused(path, `is a link that leads into ${place}, which a sandbox has of its own`);
    return found;
  };
  const paths = OWN_PLACES.map(name => `/${name}`);
  const found = paths.map(path => resolve(path, paths));
  const own = Object.fromEntries(OWN_PLACES.map((name, index) => [name, found[index]]));
  return {
    own: own as Record<OwnPlace, string>,
    of(path) {
      const index = paths.findIndex(place => path.startsWith(`${place}/`));
      const place = paths[index];
      if (place === undefined) return resolve(path, [...paths, ...found]);
      return `${found[index]}${path.slice(place.length)}`;
    },
  };
}

/** A path once all links are followed below `root`, also that at its end. FAILED where it has none. */
export function withoutLinks({ sys }: Pick<Host, 'sys'>, root: string, path: string): string {
  const rest = namesIn(fromText(path));
  const found: ByteString[] = [];
  let followed = 0;
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '..') {
      found.pop();
      continue;
    }
    const here = toPath(joinPath(fromText(root), [...found, name].join('/') as ByteString));
    const stat = sys.lstatIfExists(here);
    const type = stat === undefined ? undefined : stat.mode & S_IFMT;
    if (type === S_IFLNK) {
      followed += 1;
      if (followed > SYMLINKS_MAX) throw refused(path, 'has too many levels of symbolic links');
      const target = sys.readlink(here);
      if (target.startsWith('/')) found.length = 0;
      rest.unshift(...namesIn(target));
    } else if (type !== undefined && type !== S_IFDIR && rest.length > 0)
      throw refused(path, `is not below a directory: ${JSON.stringify(toText(name))} is none`);
    else found.push(name);
  }
  const bytes = `/${found.join('/')}` as ByteString;
  const text = toText(bytes);
  // Arguments of programs are text: another name would be looked up, and that may be a link.
  if (fromText(text) !== bytes) throw refused(path, 'leads to a name that is no UTF-8');
  return text;
}

function namesIn(path: ByteString): ByteString[] {
  return path.split('/').filter(name => name !== '' && name !== '.') as ByteString[];
}

function refused(path: string, why: string): AptLayerError {
  return new AptLayerError('FAILED', `${path} of the image ${why}, so nothing of it is run`, {
    hint: 'correct it in the image; do not trust one that somebody else made',
  });
}
