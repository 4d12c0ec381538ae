import { type ByteString, fromBuffer, fromText } from '../../formats/bytes/index.ts';
import { lookupDirectory, type RegularFile, type Tree } from '../../formats/tree/index.ts';
import type { ReadFile } from '../assemble/index.ts';

const OPTION = /^path-(exclude|include)(?:\s*=\s*|\s+)(.+)$/;

/**
 * Whether the dpkg configuration of a tree keeps dpkg from unpacking a path: `path-exclude` and `path-include` in dpkg.cfg
 * and, in byte order, dpkg.cfg.d; the last option that matches decides (dpkg(1), fnmatch(3) without flags).
 */
export function readExclusions(tree: Tree, read: ReadFile): (path: ByteString) => boolean {
  const rules = configurationFiles(tree).flatMap(file => rulesOf(fromBuffer(read(file))));
  return path => {
    const rule = rules.findLast(({ matches }) => matches(path));
    return rule?.excludes ?? false;
  };
}

interface Rule {
  readonly excludes: boolean;
  readonly matches: (path: string) => boolean;
}

/** Those names in dpkg.cfg.d that dpkg reads. */
const CONFIGURATION_NAME = /^[A-Za-z0-9_-]+$/;

function configurationFiles(tree: Tree): RegularFile[] {
  const main = lookupDirectory(tree, fromText('/etc/dpkg'));
  const parts = lookupDirectory(tree, fromText('/etc/dpkg/dpkg.cfg.d'));
  const names = [...(parts?.entries.keys() ?? [])].filter(name => CONFIGURATION_NAME.test(name)).sort();
  const nodes = [...names.map(name => parts?.entries.get(name)), main?.entries.get(fromText('dpkg.cfg'))];
  return nodes.filter((node): node is RegularFile => node?.kind === 'file');
}

function rulesOf(text: ByteString): Rule[] {
  return text.split('\n').flatMap(line => {
    const [, kind, value] = OPTION.exec(line.trim()) ?? [];
    if (kind === undefined || value === undefined) return [];
    return [{ excludes: kind === 'exclude', matches: globMatcher(value.replace(/^(["'])(.*)\1$/, '$2')) }];
  });
}

/** What one element of a glob stands for; undefined for any number of any characters. */
type Element = ((character: string) => boolean) | undefined;

/** Matches in time that grows with the product of both lengths, whatever the glob. `*` and `?` also stand for slashes. */
function globMatcher(glob: string): (path: string) => boolean {
  const elements = elementsOf(glob);
  return path => {
    let [at, element] = [0, 0];
    let star: { element: number; at: number } | undefined;
    while (at < path.length) {
      const test = elements[element];
      if (element < elements.length && test === undefined) {
        star = { element, at };
        element += 1;
      } else if (test?.(path.charAt(at))) {
        at += 1;
        element += 1;
      } else if (star !== undefined) {
        star.at += 1;
        at = star.at;
        element = star.element + 1;
      } else return false;
    }
    return elements.slice(element).every(rest => rest === undefined);
  };
}

const PART = /\\(.)|\[(!?)([^\]]+)\]|./gs;

function elementsOf(glob: string): Element[] {
  return [...glob.matchAll(PART)].map(([part, escaped, not, set]): Element => {
    if (set !== undefined) {
      const isIn = setMatcher(set);
      return character => isIn(character) !== (not === '!');
    }
    if (part === '*') return undefined;
    if (part === '?') return () => true;
    return character => character === (escaped ?? part);
  });
}

/** The inside of `[...]`: characters and ranges. */
function setMatcher(set: string): (character: string) => boolean {
  const ranges = [...set.matchAll(/(.)-(.)|./gs)].map(([one, from = one, to = one]) => [from, to] as const);
  return character => ranges.some(([from, to]) => character >= from && character <= to);
}
