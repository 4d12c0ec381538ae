/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function numbersOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Packages in an order that the seed decides, cut into so many groups of at least one. */
export function splitOf(
  packages: readonly string[],
  { seed, groups }: { seed: number; groups: number },
): string[][] {
  const next = numbersOf(seed);
  const shuffled = packages
    .map(name => ({ name, place: next() }))
    .sort((a, b) => a.place - b.place)
    .map(one => one.name);
  const count = Math.min(groups, shuffled.length);
  const cuts = new Set<number>();
  while (cuts.size < count - 1) cuts.add(1 + Math.floor(next() * (shuffled.length - 1)));
  const places = [0, ...[...cuts].sort((a, b) => a - b), shuffled.length];
  return places.slice(1).map((end, index) => shuffled.slice(places[index], end));
}
