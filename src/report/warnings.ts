import { createHash } from 'node:crypto';
import { log, type Reporter } from './reporter.ts';

/** A warning about what an image has. It is as true of the next image, so it is kept with the deployment. */
export interface LastingWarning {
  /** What tells it from others: a later build that finds the same gives the same. */
  readonly key: string;
  readonly text: string;
}

/** The warnings of one build. */
export interface Warnings {
  /** Keys of those that the system had before the change: they are repeated only to who asks. */
  readonly known: ReadonlySet<string>;
  /** All that were found, by key. */
  readonly found: Map<string, LastingWarning>;
}

/** A build of a system with these warnings. */
export function warningsAfter(before: readonly LastingWarning[]): Warnings {
  return { known: new Set(before.map(one => one.key)), found: new Map() };
}

/** A warning that is told from others by `about`: what it says but for the place in a script or the number of cases. */
export function lastingWarning(about: readonly unknown[], text: string): LastingWarning {
  return { key: createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 24), text };
}

/** What one kind of warning has to tell. */
export interface WarningList {
  readonly all: readonly (LastingWarning & { readonly fields?: Readonly<Record<string, unknown>> })[];
  /** At most so many new ones are said; the others are counted. */
  readonly saidMax?: number;
}

/** Says warnings and keeps them; `warnings` undefined where nothing was before and nothing is kept. */
export function warn(reporter: Reporter, warnings: Warnings | undefined, list: WarningList): void {
  const { all, saidMax = Number.POSITIVE_INFINITY } = list;
  const isKnown = (one: LastingWarning) => warnings?.known.has(one.key) === true;
  for (const { key, text } of all) warnings?.found.set(key, { key, text });
  const fresh = all.filter(one => !isKnown(one));
  for (const { text, fields } of fresh.slice(0, saidMax)) log(reporter, 'warning', text, fields);
  if (fresh.length > saidMax) log(reporter, 'warning', `and ${fresh.length - saidMax} more like these`);
  for (const { text, fields } of all.filter(isKnown).slice(0, saidMax))
    reporter.emit({
      type: 'log',
      level: 'warning',
      text,
      repeated: true,
      ...(fields === undefined ? {} : { fields }),
    });
}
