import { type Ground, type Life, lifeOf, type Versions } from './life.ts';

/** How many packages share their steps: a tree is compared once for all of them. */
const TOGETHER = 16;

/** A package with what is known of it beforehand. */
export interface Candidate extends Versions {
  /** Whether it has to be looked at alone: it is refused, or something of it is known to be different. */
  readonly alone: boolean;
}

/**
 * The life of each package, by name. Many live together, since comparing two trees takes most of the time; where anything is amiss with a
 * group, those that it names live alone, and the rest again together.
 */
export async function livesOf(candidates: readonly Candidate[], ground: Ground): Promise<Map<string, Life>> {
  const lives = new Map<string, Life>();
  const live = async (group: readonly Candidate[]): Promise<void> => {
    if (group.length === 0) return;
    const life = await lifeOf(group, ground);
    if (group.length === 1 || isClean(life)) {
      for (const { name } of group) lives.set(name, partOf(life, name, group.length === 1));
      return;
    }
    const blamed = group.filter(({ name }) => isNamed(life, name));
    const rest = group.filter(one => !blamed.includes(one));
    const [alone, together] =
      blamed.length === 0 || rest.length === 0 ? halves(group) : [blamed.map(one => [one]), [rest]];
    for (const part of [...alone, ...together]) await live(part);
  };
  const together = candidates.filter(one => !one.alone);
  for (let at = 0; at < together.length; at += TOGETHER) await live(together.slice(at, at + TOGETHER));
  for (const one of candidates.filter(({ alone }) => alone)) await live([one]);
  return lives;
}

function halves<T>(group: readonly T[]): [T[][], T[][]] {
  const half = Math.ceil(group.length / 2);
  return [[group.slice(0, half)], [group.slice(half)]];
}

function isClean({ theirs, ours, differences }: Life): boolean {
  return theirs === undefined && ours === undefined && differences.length === 0;
}

function isNamed({ theirs, ours, differences }: Life, name: string): boolean {
  const named = new RegExp(`(^|[^a-z0-9-])${name}([^a-z0-9-]|$)`);
  const refusals = [theirs, ours].flatMap(
    said => said?.split('\n').filter(line => /error|Error|^ /.test(line)) ?? [],
  );
  return [...refusals, ...differences.flatMap(({ path, detail }) => [path, detail])].some(text =>
    named.test(text),
  );
}

/** Of what is said of a group, what names the package. */
function partOf(life: Life, name: string, isAlone: boolean): Life {
  const named = life.explained.filter(({ path }) => isAlone || path.includes(name));
  return { ...life, explained: named };
}
