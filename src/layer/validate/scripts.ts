import { type ByteString, fromBuffer } from '../../formats/bytes/index.ts';
import type { AssemblyPackage } from '../assemble/index.ts';

const SCRIPTS = ['preinst', 'postinst', 'prerm', 'config'];

/** So short a directory stands for far too much. */
const NAMED_DEPTH_MIN = 3;

/**
 * The layered package whose maintainer scripts may have changed a path: one that names the whole path, or the one that
 * ships it when its scripts name the last component, or a directory above of at least three components.
 */
export function scriptOwner(
  path: ByteString,
  owner: AssemblyPackage | undefined,
  packages: readonly AssemblyPackage[],
): string | undefined {
  if (owner !== undefined && partsOf(path).some(part => textOf(owner).includes(part))) return owner.infoName;
  return packages.find(one => textOf(one).includes(path))?.infoName;
}

/** What a script that changes the path would contain. */
function partsOf(path: ByteString): string[] {
  const names = path.split('/');
  const above = names
    .slice(NAMED_DEPTH_MIN + 1)
    .map((_, index) => names.slice(0, NAMED_DEPTH_MIN + 1 + index).join('/'));
  return [names.at(-1) as string, ...above];
}

function textOf({ image }: AssemblyPackage): string {
  return SCRIPTS.map(name => {
    const script = image.control.get(name);
    return script === undefined ? '' : fromBuffer(script.bytes);
  }).join('\n');
}
