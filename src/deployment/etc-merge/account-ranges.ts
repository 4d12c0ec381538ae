import { byName } from './account-table.ts';

/** The range of a line of subuid(5) or subgid(5): NAME:FIRST:COUNT. */
interface Range {
  readonly first: number;
  readonly count: number;
}

/** Where useradd(8) begins to give ranges (SUB_UID_MIN), and the end of all numbers. */
const FIRST = 100_000;
const END = 2 ** 32 - 1;

/**
 * The table of a new image in which a name that is new to the machine has no range that overlaps another name's there: with one, the containers of both
 * would be the same to the kernel. It gets as much behind all others, or, where nothing is left, no range.
 */
export function freeRanges(texts: {
  readonly base: string;
  readonly mine: string;
  readonly fresh: string;
}): string {
  const [base, mine, fresh] = [byName(texts.base), byName(texts.mine), byName(texts.fresh)];
  const taken = rangesIn(texts.mine);
  const all = [...taken, ...rangesIn(texts.fresh)];
  let end = Math.max(FIRST, ...all.map(one => one.first + one.count));
  return texts.fresh
    .split('\n')
    .flatMap(line => {
      const [name = ''] = line.split(':');
      const range = rangeOf(line);
      const isNew = fresh.get(name) === line && !base.has(name) && !mine.has(name);
      if (!isNew || range === undefined || !taken.some(one => overlaps(one, range))) return line;
      const first = end;
      end += range.count;
      return end > END ? [] : `${name}:${first}:${range.count}`;
    })
    .join('\n');
}

function rangesIn(text: string): Range[] {
  return text.split('\n').flatMap(line => rangeOf(line) ?? []);
}

function rangeOf(line: string): Range | undefined {
  const [, first, count] = /^[^:]+:(\d{1,10}):(\d{1,10})$/.exec(line) ?? [];
  return first === undefined ? undefined : { first: Number(first), count: Number(count) };
}

function overlaps(a: Range, b: Range): boolean {
  return a.first < b.first + b.count && b.first < a.first + a.count;
}
