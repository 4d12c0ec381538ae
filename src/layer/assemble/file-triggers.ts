import type { ByteString } from '../../formats/bytes/index.ts';

/** A package that wants to know of changes at or below a path. */
export interface TriggerInterest {
  /** dpkg's info name. */
  readonly package: string;
  readonly awaited: boolean;
}

const NOAWAIT = '/noawait';

/** `triggers/File` by path: `PATH PACKAGE[/noawait]` in each line. Lines of another form, which dpkg never writes, are skipped. */
export function parseFileTriggers(text: ByteString): Map<ByteString, TriggerInterest[]> {
  const interests = new Map<ByteString, TriggerInterest[]>();
  for (const line of text.split('\n')) {
    const blank = line.lastIndexOf(' ');
    if (blank < 1) continue;
    const path = line.slice(0, blank) as ByteString;
    const interest = parseInterest(line.slice(blank + 1));
    const others = interests.get(path);
    if (others === undefined) interests.set(path, [interest]);
    else others.push(interest);
  }
  return interests;
}

/** A word of a trigger file: the package and how it waits. */
export function parseInterest(word: string): TriggerInterest {
  const awaited = !word.endsWith(NOAWAIT);
  return { package: awaited ? word : word.slice(0, -NOAWAIT.length), awaited };
}

export function renderInterest(interest: TriggerInterest): string {
  return interest.awaited ? interest.package : `${interest.package}${NOAWAIT}`;
}
