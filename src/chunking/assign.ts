/** Files that are always in one layer: those of one source package, whose binary packages are built and updated together. */
export interface Component {
  readonly name: string;
  readonly bytes: number;
  /** It was updated since the release, and so will be again. */
  readonly changesOften: boolean;
}

/** What changes often gets layers that are smaller by this. */
const OFTEN_WEIGHT = 4;

interface Bin {
  readonly names: string[];
  bytes: number;
}

/**
 * Spreads components over at most `max` layers; the lowest comes first, and what changes seldom is low. Components of `prior` stay together
 * as they are there, in its order; new ones get layers of their own while there is room, then the smallest. Without a
 * prior, layers are about equally large, and what changes often shares none with what does not. Depends on nothing but what is given.
 */
export function assignLayers(
  components: readonly Component[],
  { prior, max }: { readonly prior: readonly (readonly string[])[]; readonly max: number },
): string[][] {
  if (components.length === 0) return [];
  const bins = priorBins(components, prior);
  const known = new Set(bins.flatMap(({ names }) => names));
  const left = components.filter(({ name }) => !known.has(name));
  const made = bins.length === 0 ? newBins(left, Math.max(1, max)) : withRest(bins, left, Math.max(1, max));
  return made.map(({ names }) => names.sort());
}

/** The layers of a prior image, with what there still is of them. */
function priorBins(components: readonly Component[], prior: readonly (readonly string[])[]): Bin[] {
  const sizes = new Map(components.map(({ name, bytes }) => [name, bytes]));
  const bins: Bin[] = [];
  for (const layer of prior) {
    const bin: Bin = { names: [], bytes: 0 };
    for (const name of layer) {
      const bytes = sizes.get(name);
      if (bytes === undefined) continue;
      // What is named twice is where it comes first.
      sizes.delete(name);
      bin.names.push(name);
      bin.bytes += bytes;
    }
    if (bin.names.length > 0) bins.push(bin);
  }
  return bins;
}

function withRest(bins: Bin[], left: readonly Component[], max: number): Bin[] {
  const result = [...bins];
  while (result.length > max) mergeSmallest(result);
  for (const { name, bytes } of largestFirst(left)) {
    if (result.length < max) result.push({ names: [name], bytes });
    else put(result, { name, bytes });
  }
  return result;
}

/** Two layers become one, in the place of the lower. */
function mergeSmallest(bins: Bin[]): void {
  const order = [...bins.keys()].sort((a, b) => sizeAt(bins, a) - sizeAt(bins, b) || a - b);
  const [lower = 0, upper = 1] = order.slice(0, 2).sort((a, b) => a - b);
  const into = bins[lower];
  const [taken] = bins.splice(upper, 1);
  if (into === undefined || taken === undefined) return;
  into.names.push(...taken.names);
  into.bytes += taken.bytes;
}

const sizeAt = (bins: readonly Bin[], index: number) => bins[index]?.bytes ?? 0;

function newBins(components: readonly Component[], max: number): Bin[] {
  const often = components.filter(({ changesOften }) => changesOften);
  const seldom = components.filter(({ changesOften }) => !changesOften);
  if (max < 2 || often.length === 0 || seldom.length === 0) return spread(components, max);
  const weights = { often: OFTEN_WEIGHT * bytesOf(often), seldom: bytesOf(seldom) };
  const share = weights.often / Math.max(1, weights.often + weights.seldom);
  const wanted = Math.min(Math.max(Math.round(max * share), 1), max - 1, often.length);
  const forSeldom = Math.min(max - wanted, seldom.length);
  return [...spread(seldom, forSeldom), ...spread(often, max - forSeldom)];
}

/** The largest first, each where least is so far. */
function spread(components: readonly Component[], count: number): Bin[] {
  const bins: Bin[] = Array.from({ length: Math.min(count, components.length) }, () => ({
    names: [],
    bytes: 0,
  }));
  for (const one of largestFirst(components)) put(bins, one);
  return bins;
}

/** Empty layers come first, then the smallest. */
function put(bins: readonly Bin[], { name, bytes }: Pick<Component, 'name' | 'bytes'>): void {
  const into = bins.reduce((least, bin) => (isSmaller(bin, least) ? bin : least));
  into.names.push(name);
  into.bytes += bytes;
}

function isSmaller(a: Bin, b: Bin): boolean {
  if ((a.names.length === 0) !== (b.names.length === 0)) return a.names.length === 0;
  return a.bytes < b.bytes;
}

function largestFirst(components: readonly Component[]): Component[] {
  return [...components].sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
}

function bytesOf(components: readonly Component[]): number {
  return components.reduce((sum, { bytes }) => sum + bytes, 0);
}
