import { type ByteString, fromBuffer } from '../../formats/bytes/index.ts';
import type { AssemblyPackage } from '../assemble/index.ts';

const SCRIPTS = ['preinst', 'postinst', 'prerm', 'config'];

/** So short a directory stands for far too much. */
const NAMED_DEPTH_MIN = 3;

/** Finds the layered package whose maintainer scripts may have changed a path, by its info name. */
export type ScriptOwner = (path: ByteString, owner: AssemblyPackage | undefined) => string | undefined;

/**
 * That is one that names the whole path, or the one that ships it when its scripts name the last component, or a
 * directory above of at least three components.
 */
export function scriptOwners(packages: readonly AssemblyPackage[]): ScriptOwner {
  let texts: Map<AssemblyPackage, string> | undefined;
  return (path, owner) => {
    texts ??= new Map(packages.filter(hasScripts).map(one => [one, textOf(one)]));
    const own = owner === undefined ? undefined : texts.get(owner);
    if (own !== undefined && partsOf(path).some(part => own.includes(part))) return owner?.infoName;
    for (const [one, text] of texts) if (text.includes(path)) return one.infoName;
    return undefined;
  };
}

function hasScripts({ image }: AssemblyPackage): boolean {
  return SCRIPTS.some(name => image.control.has(name));
}

/** What a script that changes the path would contain. */
function partsOf(path: ByteString): string[] {
  const names = path.split('/');
  const above = [];
  for (let end = NAMED_DEPTH_MIN + 1; end < names.length; end += 1) above.push(names.slice(0, end).join('/'));
  return [names.at(-1) as string, ...above];
}

function textOf({ image }: AssemblyPackage): string {
  return SCRIPTS.map(name => {
    const script = image.control.get(name);
    return script === undefined ? '' : fromBuffer(script.bytes);
  }).join('\n');
}
