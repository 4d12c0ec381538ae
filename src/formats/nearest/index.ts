/**
 * The known name that `given` most likely means, or undefined when none is close: at most one slip for every three
 * characters of the longer one, two at most. A slip is a letter too many, missing or wrong, or two neighbours swapped
 * (Damerau-Levenshtein distance, optimal string alignment). Of equally close names the first wins.
 */
export function nearestName(given: string, known: Iterable<string>): string | undefined {
  const lowered = given.toLowerCase();
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    const limit = Math.min(2, Math.max(1, Math.floor(Math.max(given.length, name.length) / 3)));
    if (Math.abs(name.length - given.length) > limit) continue;
    const distance = editDistance(lowered, name.toLowerCase());
    if (distance <= limit && distance < (best?.distance ?? Number.POSITIVE_INFINITY))
      best = { name, distance };
  }
  return best?.name;
}

/** Number of slips between two words; the work is the product of their lengths. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
