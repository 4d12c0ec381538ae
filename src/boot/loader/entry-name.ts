import type { EntryState } from './model.ts';

/** An entry of ours by the name of its file: `apt-layer-SERIAL-ID[+LEFT[-DONE]].conf`. */
export interface EntryName extends EntryState {
  /** The higher, the earlier it is tried. */
  readonly serial: number;
}

/** The highest serial that a name can have. */
export const SERIAL_MAX = 999_999_999_999;

/** Twelve digits are more than a machine ever counts to; what has more is somebody else's. */
const NAME = /^apt-layer-(\d{1,12})-([A-Za-z0-9][\w.-]*?)(?:\+(\d{1,6})(?:-(\d{1,6}))?)?\.conf$/;

/** Undefined for a file that is not ours. */
export function parseEntryName(name: string): EntryName | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const [, serial, id = '', left, done] = match;
  return {
    serial: Number(serial),
    id,
    triesLeft: left === undefined ? undefined : Number(left),
    triesDone: done === undefined ? 0 : Number(done),
  };
}

/** The name of an entry's file. The loader itself renames it when it counts (systemd.io/AUTOMATIC_BOOT_ASSESSMENT). */
export function entryName({ serial, id, triesLeft, triesDone }: EntryName): string {
  const counter = triesLeft === undefined ? '' : `+${triesLeft}${triesDone === 0 ? '' : `-${triesDone}`}`;
  return `apt-layer-${serial}-${id}${counter}.conf`;
}

/**
 * What an entry is called for systemd-boot, which takes patterns (glob(7)) where it takes ids: the same before and after its attempts are counted.
 * No two entries have one serial.
 */
export function entryPattern({ serial, id }: EntryName): string {
  return `apt-layer-${serial}-${id}*.conf`;
}

/** In the order of systemd-boot: those without attempts left come last, then the highest serial first. */
export function inLoaderOrder<T extends EntryName>(entries: readonly T[]): T[] {
  const used = (entry: EntryName) => (entry.triesLeft === 0 ? 1 : 0);
  return [...entries].sort((a, b) => used(a) - used(b) || b.serial - a.serial);
}
