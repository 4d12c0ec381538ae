import { type ByteString, fromBuffer } from '../../formats/bytes/index.ts';
import type { AssemblyPackage } from '../assemble/index.ts';

const SCRIPTS = ['preinst', 'postinst', 'prerm', 'config'];

/** So short a directory stands for far too much. */
const NAMED_DEPTH_MIN = 3;
/** A directory in /opt is one vendor's or one package's. */
const OPT_DEPTH_MIN = 2;

/** Which of the layered packages' maintainer scripts may have changed a path. */
export interface ScriptSearch {
  /**
   * Info name of one that says so: that names the whole path, or, of the package that ships it, the last component or a
   * directory above of at least three components, two in /opt.
   */
  owner(path: ByteString, shipper: AssemblyPackage | undefined): string | undefined;
  /** Where none does: those that name such a part of it, or the only one that has scripts. */
  suspects(path: ByteString): readonly AssemblyPackage[];
}

export function searchScripts(packages: readonly AssemblyPackage[]): ScriptSearch {
  let known: Map<AssemblyPackage, string> | undefined;
  const texts = () => {
    known ??= new Map(packages.filter(hasScripts).map(one => [one, textOf(one)]));
    return known;
  };
  const namesPart = (text: string, path: ByteString) => partsOf(path).some(part => text.includes(part));
  return {
    owner(path, shipper) {
      const own = shipper === undefined ? undefined : texts().get(shipper);
      if (own !== undefined && namesPart(own, path)) return shipper?.infoName;
      for (const [one, text] of texts()) if (text.includes(path)) return one.infoName;
      return undefined;
    },
    suspects(path) {
      const all = [...texts()];
      const named = all.filter(([, text]) => namesPart(text, path));
      return (named.length === 0 && all.length === 1 ? all : named).map(([one]) => one);
    },
  };
}

function hasScripts({ image }: AssemblyPackage): boolean {
  return SCRIPTS.some(name => image.control.has(name));
}

/** What a script that changes the path would contain. */
function partsOf(path: ByteString): string[] {
  const names = path.split('/');
  const above = [];
  const depth = path.startsWith('/opt/') ? OPT_DEPTH_MIN : NAMED_DEPTH_MIN;
  for (let end = depth + 1; end < names.length; end += 1) above.push(names.slice(0, end).join('/'));
  return [names.at(-1) as string, ...above];
}

function textOf({ image }: AssemblyPackage): string {
  return SCRIPTS.map(name => {
    const script = image.control.get(name);
    return script === undefined ? '' : fromBuffer(script.bytes);
  }).join('\n');
}
