/** What one element of a glob stands for; undefined for any number of any characters. */
type Element = ((character: string) => boolean) | undefined;

const WILDCARD = /[*?[\\]/;

/** A glob up to its first wildcard, without slashes at its end. */
export function literalStart(glob: string): string {
  return plainStart(glob).replace(/\/+$/, '');
}

function plainStart(glob: string): string {
  const end = glob.search(WILDCARD);
  return end < 0 ? glob : glob.slice(0, end);
}

/**
 * Whether a whole path matches a glob, as fnmatch(3) says without flags and in the C locale: `*` and `?` also stand for slashes.
 * The time grows with the product of both lengths, whatever the glob.
 */
export function globMatcher(glob: string): (path: string) => boolean {
  const start = plainStart(glob);
  const elements = elementsOf(glob.slice(start.length));
  return path => path.startsWith(start) && matchesFrom(elements, path, start.length);
}

function matchesFrom(elements: readonly Element[], path: string, from: number): boolean {
  let [at, element] = [from, 0];
  let star: { element: number; at: number } | undefined;
  while (at < path.length) {
    const test = elements[element];
    if (element < elements.length && test === undefined) {
      star = { element, at };
      element += 1;
      if (element === elements.length) return true;
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
}

/** A `]` that comes first in a set is one of its characters; a `[` without end is itself. */
const PART = /\\(.)|\[([!^]?)(\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*)\]|./gs;

function elementsOf(glob: string): Element[] {
  return [...glob.matchAll(PART)].map(([part, escaped, not, set]): Element => {
    if (set !== undefined && set !== '') {
      const isIn = setMatcher(set);
      return character => isIn(character) !== (not !== '');
    }
    if (part === '*') return undefined;
    if (part === '?') return () => true;
    return character => character === (escaped ?? part);
  });
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** The inside of `[...]`: characters, ranges and classes. */
function setMatcher(set: string): (character: string) => boolean {
  const members = [...set.matchAll(/\[:([a-z]+):\]|\\?(.)-\\?(.)|\\?(.)/gs)].map(
    ([, name, from, to, one = '']) => {
      if (name !== undefined) return (character: string) => CLASSES[name]?.test(character) === true;
      const [first, last] = [from ?? one, to ?? one];
      return (character: string) => character >= first && character <= last;
    },
  );
  return character => members.some(has => has(character));
}
