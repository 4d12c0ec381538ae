import { AptLayerError } from '../../errors/index.ts';
import { toText } from '../../formats/bytes/index.ts';
import { S_IFMT, S_IFREG } from '../../formats/tree/index.ts';
import {
  ensureDirectory,
  isTemporaryName,
  listDirectory,
  syncDirectory,
  writeFileDurable,
} from '../../fs/index.ts';
import type { Sys } from '../../sys/index.ts';
import { setOneShot } from './efi-one-shot.ts';
import {
  type EntryName,
  entryName,
  entryPattern,
  inLoaderOrder,
  parseEntryName,
  SERIAL_MAX,
} from './entry-name.ts';
import { kernelName, kernelSpace, kernelsOf, noRoom, pruneKernels, putKernels } from './kernels.ts';
import type { Loader, LoaderEntry, LoaderOptions } from './model.ts';
import { escapedTitle, joinedArguments } from './words.ts';

const ENTRIES = 'loader/entries';
const EFI_VARIABLES = '/sys/firmware/efi/efivars';

/**
 * systemd-boot: one file per entry (Boot Loader Specification, type 1). The highest serial is the default, as the loader sorts by the
 * `version` that says it. A new default is one file more with a higher serial, which appears by a rename before anything else changes.
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
      foreign: fileNames(sys, directory).filter(
        name => name.endsWith('.conf') && parseEntryName(name) === undefined,
      ),
    }),
    space: entries => kernelSpace(sys, boot, entries),
    write(entries, tries) {
      ensureDirectory(sys, directory);
      const planned = plannedEntries(inLoaderOrder(found()), entries, {
        tries,
        highest: highestSerial(sys, directory, entries.length),
      });
      makeRoom(sys, { boot, directory }, entries);
      putKernels(sys, boot, kernelsOf(entries));
      // The default first: as soon as it is there, nothing that follows changes what is booted.
      for (const { entry, name } of planned) {
        const text = entryText(entry, { serial: name.serial, prefix: options.bootPrefix });
        const path = `${directory}/${entryName(name)}`;
        if (!holds(sys, path, text)) writeFileDurable(sys, path, text);
      }
      removeOthers(sys, directory, new Set(planned.map(({ name }) => entryName(name))));
      pruneKernels(sys, boot, new Set(kernelsOf(entries).keys()));
    },
    once(id) {
      const name = inLoaderOrder(found()).find(one => one.id === id);
      if (name === undefined) throw new Error(`there is no entry of ${id}`);
      setOneShot(sys, options.efiVariables ?? EFI_VARIABLES, entryPattern(name));
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

function namesIn(sys: Sys, directory: string): string[] {
  return sys.lstatIfExists(directory) === undefined ? [] : listDirectory(sys, directory).map(toText);
}

/** Of regular files: whatever else is there is nobody's entry. */
function fileNames(sys: Sys, directory: string): string[] {
  return namesIn(sys, directory).filter(
    name => ((sys.lstatIfExists(`${directory}/${name}`)?.mode ?? 0) & S_IFMT) === S_IFREG,
  );
}

/** The highest serial of any name, also of a directory's, which no file can take. FAILED when `count` more would not fit above it. */
function highestSerial(sys: Sys, directory: string, count: number): number {
  const names = namesIn(sys, directory).map(name => ({ name, serial: parseEntryName(name)?.serial ?? 0 }));
  const highest = names.reduce((most, one) => (one.serial > most.serial ? one : most), {
    name: '',
    serial: 0,
  });
  if (highest.serial > SERIAL_MAX - count)
    throw new AptLayerError('FAILED', `no serial is left above that of ${directory}/${highest.name}`, {
      hint: 'apt-layer never counts so far: remove that entry',
    });
  return highest.serial;
}

function readEntries(sys: Sys, directory: string): EntryName[] {
  return fileNames(sys, directory).flatMap(name => parseEntryName(name) ?? []);
}

/** A crash can leave an entry of one deployment twice; the earlier one counts. */
function unique(entries: readonly EntryName[]): EntryName[] {
  return entries.filter((entry, index) => entries.findIndex(one => one.id === entry.id) === index);
}

interface PlannedEntry {
  readonly entry: LoaderEntry;
  readonly name: EntryName;
}

/**
 * The name of each wanted entry, in the wanted order. The longest tail of it whose serials are in that order already keeps its names. All before
 * it get serials above every one that is there.
 */
function plannedEntries(
  before: readonly EntryName[],
  wanted: readonly LoaderEntry[],
  { tries, highest }: { tries: number | undefined; highest: number },
): PlannedEntry[] {
  const earlier = (id: string) => before.find(one => one.id === id);
  const kept = keptTail(before, wanted, tries);
  const fresh = wanted.length - kept.length;
  return wanted.map((entry, index): PlannedEntry => {
    const place = index < fresh ? undefined : kept[index - fresh];
    if (place !== undefined) return { entry, name: place };
    const { triesLeft, triesDone = 0 } = earlier(entry.id) ?? {};
    const counter =
      index === 0 && (tries !== undefined || triesLeft === 0)
        ? { triesLeft: tries, triesDone: 0 }
        : { triesLeft, triesDone };
    return { entry, name: { serial: highest + fresh - index, id: entry.id, ...counter } };
  });
}

function keptTail(
  before: readonly EntryName[],
  wanted: readonly LoaderEntry[],
  tries: number | undefined,
): EntryName[] {
  const kept: EntryName[] = [];
  let least = 0;
  for (const [index, { id }] of [...wanted.entries()].reverse()) {
    const entry = before.find(one => one.id === id);
    if (entry === undefined || entry.serial <= least) break;
    // A default that is counted anew, or that has no attempts left and would not be tried, is another file.
    if (index === 0 && (tries !== undefined || entry.triesLeft === 0)) break;
    kept.unshift(entry);
    least = entry.serial;
  }
  return isDefault(before, wanted, kept) ? kept : kept.slice(1);
}

/** Whether the first of the wanted ones, if it keeps its name, comes before all others that are there. */
function isDefault(
  before: readonly EntryName[],
  wanted: readonly LoaderEntry[],
  kept: readonly EntryName[],
): boolean {
  return kept.length < wanted.length || before[0] === kept[0];
}

/**
 * When the new kernels do not fit beside all old ones, entries that are not wanted any more go first, and then their kernels; what is booted now
 * goes last of them, and only if there is another one to boot.
 */
function makeRoom(
  sys: Sys,
  { boot, directory }: { boot: string; directory: string },
  entries: readonly LoaderEntry[],
): void {
  const { missing } = kernelSpace(sys, boot, entries);
  if (missing === 0) return;
  const ids = new Set(entries.map(entry => entry.id));
  const before = inLoaderOrder(readEntries(sys, directory));
  const stay = before.filter(entry => ids.has(entry.id));
  if (!stay.some(entry => entry.triesLeft !== 0)) throw noRoom(missing);
  removeOthers(sys, directory, new Set(stay.map(entryName)));
  pruneKernels(sys, boot, new Set(kernelsOf(entries).keys()));
}

function removeOthers(sys: Sys, directory: string, names: ReadonlySet<string>): void {
  const unwanted = fileNames(sys, directory).filter(
    name => isTemporaryName(name) || (parseEntryName(name) !== undefined && !names.has(name)),
  );
  // Those that would be tried last go first, so that what is left is in order at any time.
  const order = inLoaderOrder(unwanted.flatMap(name => parseEntryName(name) ?? [])).map(entryName);
  const position = (name: string) => order.indexOf(name);
  for (const name of unwanted.sort((a, b) => position(b) - position(a))) sys.unlink(`${directory}/${name}`);
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
