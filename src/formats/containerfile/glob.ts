/** A piece of a pattern. `directories` is `**` and the slash behind it, `rest` is `**` at the end. */
export type Token =
  | { readonly kind: 'character'; readonly value: string }
  | { readonly kind: 'one' | 'name' | 'directories' | 'rest' }
  | {
      readonly kind: 'class';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    };

/** Reads a pattern of .dockerignore; undefined for one that is malformed. */
export function parseGlob(pattern: string): Token[] | undefined {
  const characters = [...pattern];
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    if (character === '*' && characters[at + 1] === '*') {
      at += 1;
      if (characters[at + 1] === '/') at += 1;
      tokens.push({ kind: at + 1 === characters.length ? 'rest' : 'directories' });
    } else if (character === '*') tokens.push({ kind: 'name' });
    else if (character === '?') tokens.push({ kind: 'one' });
    else if (character === '\\') {
      at += 1;
      const value = characters[at];
      if (value === undefined) return undefined;
      tokens.push({ kind: 'character', value });
    } else if (character === '[') {
      const read = readClass(characters, at + 1);
      if (read === undefined) return undefined;
      tokens.push(read.token);
      at = read.end;
    } else tokens.push({ kind: 'character', value: character });
  }
  return tokens;
}

/** What stands between brackets; `end` is where the closing one is. */
function readClass(characters: readonly string[], start: number): { token: Token; end: number } | undefined {
  const negated = characters[start] === '^';
  const ranges: [string, string][] = [];
  let at = negated ? start + 1 : start;
  const one = (): string | undefined => {
    if (characters[at] === '\\') at += 1;
    return characters[at++];
  };
  for (;;) {
    if (characters[at] === ']' && ranges.length > 0) break;
    const low = one();
    if (low === undefined) return undefined;
    let high: string | undefined = low;
    if (characters[at] === '-' && characters[at + 1] !== ']') {
      at += 1;
      high = one();
    }
    if (high === undefined) return undefined;
    ranges.push([low, high]);
  }
  return { token: { kind: 'class', negated, ranges }, end: at };
}

/** Whether a pattern fits all of a path. Takes time in proportion to both: a pattern from outside can hang nothing. */
export function matchesGlob(tokens: readonly Token[], path: string): boolean {
  // Where in the pattern one can be, having read so much of the path.
  let places = new Set<number>();
  const enter = (at: number, into: Set<number>): void => {
    for (let next = at; ; next++) {
      into.add(next);
      const kind = tokens[next]?.kind;
      if (kind !== 'name' && kind !== 'directories' && kind !== 'rest') return;
    }
  };
  // Inside of `**/` one gets on only behind a slash.
  const within = new Set<number>();
  enter(0, places);
  for (const character of path) {
    const after = new Set<number>();
    for (const at of within) if (character === '/') enter(at + 1, after);
    for (const at of places) {
      const token = tokens[at];
      if (token === undefined) continue;
      if (token.kind === 'directories') {
        within.add(at);
        if (character === '/') enter(at + 1, after);
      } else if (token.kind === 'rest') enter(at, after);
      else if (token.kind === 'name') {
        if (character !== '/') enter(at, after);
      } else if (isOne(token, character)) enter(at + 1, after);
    }
    places = after;
  }
  return places.has(tokens.length);
}

function isOne(token: Token, character: string): boolean {
  switch (token.kind) {
    case 'character':
      return token.value === character;
    case 'class':
      return (
        character !== '/' &&
        token.ranges.some(([low, high]) => low <= character && character <= high) !== token.negated
      );
    default:
      return character !== '/';
  }
}
