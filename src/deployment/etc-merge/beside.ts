import type { ByteString } from '../../formats/bytes/index.ts';
import type { Directory, Node } from '../../formats/tree/index.ts';
import type { DigestOf, Sides } from './same.ts';
import { sameContent, sameMetadata } from './same.ts';
import type { EtcVerdict } from './verdict.ts';

/**
 * The end of the name under which the image's version of a file is put beside the machine's. What reads whole directories of /etc (logrotate, AppArmor,
 * bash-completion, run-parts ...) skips it, as dpkg uses it for the same.
 */
const SUFFIX = '.dpkg-dist';
/** What earlier versions used. Those programs read it. */
const OLD_SUFFIX = '.apt-layer-new';
/** NAME_MAX of Linux, in bytes. */
const NAME_MAX = 255;

/** One directory of /etc, while it is merged. */
interface Place extends Sides<Directory> {
  readonly mine: Directory;
  /** The result so far. */
  readonly entries: Map<ByteString, Node>;
  readonly digestOf: DigestOf;
}

/**
 * Puts the image's version of `name` beside the machine's, in the place of an older one, and says how it is called. A file of the machine or of the image
 * that has this name stays.
 */
export function putBeside(
  place: Place,
  name: ByteString,
  node: Node,
): Pick<EtcVerdict, 'notBeside'> & { readonly name?: ByteString } {
  const beside = `${name}${SUFFIX}` as ByteString;
  // A directory of defaults would be read by nobody.
  if (node.kind === 'directory') return { notBeside: 'directory' };
  if (beside.length > NAME_MAX) return { notBeside: 'too-long' };
  if (!isFree(place, name, beside)) return { notBeside: 'taken' };
  place.entries.set(beside, node);
  const old = `${name}${OLD_SUFFIX}` as ByteString;
  if (isOurs(place, name, old)) place.entries.delete(old);
  return { name: beside };
}

/**
 * An image's version beside the machine's is of no use once both are the same, or either is gone. One that an earlier version put there under the old
 * suffix gets the present one.
 */
export function forgetSettled(place: Place): void {
  for (const beside of place.mine.entries.keys()) {
    const suffix = [SUFFIX, OLD_SUFFIX].find(one => beside.endsWith(one) && beside.length > one.length);
    if (suffix === undefined) continue;
    const name = beside.slice(0, -suffix.length) as ByteString;
    if (!isOurs(place, name, beside)) continue;
    const [ours, theirs] = [place.entries.get(name), place.fresh?.entries.get(name)];
    const node = place.entries.get(beside);
    if (node === undefined) continue;
    if (ours === undefined || theirs === undefined || isSettled(place, { ours, theirs, node }))
      place.entries.delete(beside);
    else if (suffix === OLD_SUFFIX && isFree(place, name, `${name}${SUFFIX}` as ByteString)) {
      place.entries.delete(beside);
      place.entries.set(`${name}${SUFFIX}` as ByteString, node);
    }
  }
}

/** Both are the same, or the image has another version by now, about which there is no conflict. */
function isSettled(
  { digestOf }: Place,
  { ours, theirs, node }: { readonly ours: Node; readonly theirs: Node; readonly node: Node },
): boolean {
  const isSame = sameContent(ours, theirs, digestOf) && sameMetadata(ours, theirs);
  return isSame || !sameContent(node, theirs, digestOf);
}

function isFree(place: Place, name: ByteString, beside: ByteString): boolean {
  if (place.fresh?.entries.has(beside)) return false;
  return !place.mine.entries.has(beside) || isOurs(place, name, beside);
}

/**
 * Whether a merge put this there: then it is what the image that runs has under the plain name. A file of that name which says anything else is a
 * person's, or of a package.
 */
function isOurs({ base, mine, digestOf }: Place, name: ByteString, beside: ByteString): boolean {
  const [shipped, found] = [base?.entries.get(name), mine.entries.get(beside)];
  if (shipped === undefined || found === undefined || base?.entries.has(beside)) return false;
  return found.kind !== 'directory' && sameContent(found, shipped, digestOf);
}
