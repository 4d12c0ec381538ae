/** Attempts that the script can count down from: GRUB has no arithmetic. */
export const TRIES_MAX = 9;

const SLOTS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
type Slot = (typeof SLOTS)[number];

/** Counts the attempts of a deployment in a place of its own of the environment block. */
export interface Counter {
  readonly id: string;
  readonly slot: Slot;
}

/** Variables of the environment block: how many attempts are left, and how many there were. */
export function variablesOf({ slot }: Counter): { readonly left: string; readonly total: string } {
  return { left: `apt_layer_left_${slot}`, total: `apt_layer_total_${slot}` };
}

/** A counter in a place that none of `others`, the counters of one fragment, has. */
export function newCounter(id: string, others: readonly Counter[]): Counter {
  const slot = SLOTS.find(one => others.every(other => other.slot !== one));
  if (slot === undefined) throw new Error('all places of the environment block are taken');
  return { id, slot };
}

/** As many as a fragment has at most, so that a new one always finds a place; the first are what is tried first. */
export function limitedCounters(counters: readonly Counter[]): Counter[] {
  return counters.slice(0, SLOTS.length - 1);
}

const MARK = '# apt-layer counter: ';

/** Lines of a fragment that `parseCounters` reads. */
export function counterLines(counters: readonly Counter[]): string[] {
  return counters.map(({ id, slot }) => `${MARK}${slot} ${id}`);
}

/** Of these deployments, each at most once and in a place of its own. */
export function parseCounters(lines: readonly string[], ids: readonly string[]): Counter[] {
  const counters: Counter[] = [];
  for (const line of lines.filter(one => one.startsWith(MARK))) {
    const [letter, id = ''] = line.slice(MARK.length).split(' ');
    const slot = SLOTS.find(one => one === letter);
    const isKnown = counters.some(one => one.id === id || one.slot === slot);
    if (slot !== undefined && ids.includes(id) && !isKnown) counters.push({ id, slot });
  }
  return limitedCounters(counters);
}
