import { toText } from '../../formats/bytes/index.ts';
import {
  ensureDirectory,
  isTemporaryName,
  listDirectory,
  syncDirectory,
  writeFileDurable,
} from '../../fs/index.ts';
import type { Sys } from '../../sys/index.ts';
import { type EntryName, entryName, inLoaderOrder, parseEntryName } from './entry-name.ts';
import { kernelName, kernelSpace, kernelsOf, pruneKernels, putKernels } from './kernels.ts';
import type { Loader, LoaderEntry, LoaderOptions } from './model.ts';
import { escapedTitle, joinedArguments } from './words.ts';

const ENTRIES = 'loader/entries';

/**
 * systemd-boot: one file per entry (Boot Loader Specification, type 1). The highest serial is the default, as the loader sorts by the
 * `version` that says it. A new default is one file more with a higher serial, which appears by a rename.
 */
export function systemdBoot(sys: Sys, boot: string, options: LoaderOptions): Loader {
  const directory = `${boot}/${ENTRIES}`;
  const found = () => readEntries(sys, directory);
  return {
    name: 'systemd-boot',
    read: () => ({
      entries: unique(inLoaderOrder(found())).map(({ id, triesLeft, triesDone }) => ({
        id,
        triesLeft,
        triesDone,
      })),
    }),
    space: entries => kernelSpace(sys, boot, entries),
    write(entries, tries) {
      ensureDirectory(sys, directory);
      const before = inLoaderOrder(found());
      makeRoom(sys, { boot, directory }, entries);
      putKernels(sys, boot, kernelsOf(entries));
      const kept = keptEntries(before, entries, tries);
      let serial = before.reduce((highest, entry) => Math.max(highest, entry.serial), 0);
      const names = new Set(kept.map(entryName));
      // The default last: until it is there, what was first stays first.
      for (const [index, entry] of [...entries.entries()].reverse()) {
        const place = kept.find(one => one.id === entry.id);
        const earlier = before.find(one => one.id === entry.id);
        const left = index === 0 && tries !== undefined ? tries : earlier?.triesLeft;
        const done = index === 0 && tries !== undefined ? 0 : (earlier?.triesDone ?? 0);
        const next: EntryName = place ?? { serial: ++serial, id: entry.id, triesLeft: left, triesDone: done };
        names.add(entryName(next));
        const text = entryText(entry, { serial: next.serial, prefix: options.bootPrefix });
        const path = `${directory}/${entryName(next)}`;
        if (place === undefined || !holds(sys, path, text)) writeFileDurable(sys, path, text);
      }
      removeOthers(sys, directory, names);
      pruneKernels(sys, boot, new Set(kernelsOf(entries).keys()));
    },
    confirm(id) {
      for (const entry of found()) {
        if (entry.id !== id || entry.triesLeft === undefined) continue;
        const good = entryName({ ...entry, triesLeft: undefined, triesDone: 0 });
        sys.rename(`${directory}/${entryName(entry)}`, `${directory}/${good}`);
        syncDirectory(sys, directory);
      }
    },
  };
}

function readEntries(sys: Sys, directory: string): EntryName[] {
  if (sys.lstatIfExists(directory) === undefined) return [];
  return listDirectory(sys, directory).flatMap(name => parseEntryName(toText(name)) ?? []);
}

/** A crash can leave an entry of one deployment twice; the earlier one counts. */
function unique(entries: readonly EntryName[]): EntryName[] {
  return entries.filter((entry, index) => entries.findIndex(one => one.id === entry.id) === index);
}

/**
 * The entries whose files can stay: the longest tail of the wanted order whose serials are in that order already. Without any
 * attempts to count anew, that may be all.
 */
function keptEntries(
  before: readonly EntryName[],
  wanted: readonly LoaderEntry[],
  tries: number | undefined,
): EntryName[] {
  const kept: EntryName[] = [];
  let least = 0;
  for (const [index, { id }] of [...wanted.entries()].reverse()) {
    const entry = before.find(one => one.id === id);
    if (entry === undefined || entry.serial <= least || (index === 0 && tries !== undefined)) break;
    // What has no attempts left would not be tried, though it is wanted first.
    if (index === 0 && entry.triesLeft === 0) break;
    kept.push(entry);
    least = entry.serial;
  }
  return kept;
}

/** When the new kernels do not fit beside all old ones, entries that are not wanted any more go first, and then their kernels. */
function makeRoom(
  sys: Sys,
  { boot, directory }: { boot: string; directory: string },
  entries: readonly LoaderEntry[],
): void {
  if (kernelSpace(sys, boot, entries).missing === 0) return;
  const ids = new Set(entries.map(entry => entry.id));
  const stay = readEntries(sys, directory).filter(entry => ids.has(entry.id));
  removeOthers(sys, directory, new Set(stay.map(entryName)));
  pruneKernels(sys, boot, new Set(kernelsOf(entries).keys()));
}

function removeOthers(sys: Sys, directory: string, names: ReadonlySet<string>): void {
  const all = listDirectory(sys, directory).map(toText);
  const unwanted = all.filter(
    name => isTemporaryName(name) || (parseEntryName(name) !== undefined && !names.has(name)),
  );
  for (const name of unwanted) sys.unlink(`${directory}/${name}`);
  if (unwanted.length > 0) syncDirectory(sys, directory);
}

function holds(sys: Sys, path: string, text: string): boolean {
  return sys.lstatIfExists(path) !== undefined && sys.readFile(path).toString('utf8') === text;
}

function entryText(entry: LoaderEntry, { serial, prefix }: { serial: number; prefix: string }): string {
  const { kernel, initrd } = entry;
  return [
    `title ${escapedTitle(entry.title)}`,
    'sort-key apt-layer',
    `version ${serial}`,
    `linux ${prefix}/${kernelName(kernel, 'vmlinuz')}`,
    ...(initrd === undefined ? [] : [`initrd ${prefix}/${kernelName(initrd, 'initrd')}`]),
    `options ${joinedArguments(entry.arguments)}`,
    '',
  ].join('\n');
}
