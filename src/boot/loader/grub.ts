import { AptLayerError } from '../../errors/index.ts';
import { ensureDirectory, readFileIfExists, syncFileSystem, writeFileDurable } from '../../fs/index.ts';
import type { Sys } from '../../sys/index.ts';
import { parseEnvironmentBlock, serializeEnvironmentBlock } from './environment-block.ts';
import { type Counter, limitedCounters, newCounter, TRIES_MAX, variablesOf } from './grub-counter.ts';
import { FOREIGN_FRAGMENT, grubFragment, isFragment, ONCE, parseFragment } from './grub-fragment.ts';
import { kernelSpace, kernelsOf, noRoom, pruneKernels, putKernels } from './kernels.ts';
import type { EntryState, Loader, LoaderEntry, LoaderOptions } from './model.ts';

const FILE_MAX_BYTES = 4 * 1024 * 1024;

/**
 * GRUB: all entries are in `grub/custom.cfg`, which the configuration that we install reads, and Debian's own as well
 * (/etc/grub.d/41_custom). A change of it is one rename. Attempts are counted in `grub/apt-layer.env`, by the script itself.
 */
export function grub(sys: Sys, boot: string, options: LoaderOptions): Loader {
  const files: Files = {
    sys,
    boot,
    fragment: `${boot}/grub/custom.cfg`,
    block: `${boot}/grub/apt-layer.env`,
  };
  return {
    name: 'grub',
    read: () => ({ entries: statesOf(files), foreign: [] }),
    space: entries => kernelSpace(sys, boot, entries),
    write(entries, tries) {
      ensureDirectory(sys, `${boot}/grub`);
      keepForeign(files, `${boot}/grub`);
      makeRoom(files, { boot, entries, options });
      putKernels(sys, boot, kernelsOf(entries));
      syncFileSystem(sys, boot);
      const ids = entries.map(entry => entry.id);
      const counters = nextCounters(files, ids, tries);
      writeForGrub(files, files.fragment, grubFragment(entries, { ...options, counters }));
      dropVariables(files, counters, ids);
      pruneKernels(sys, boot, new Set(kernelsOf(entries).keys()));
    },
    once(id) {
      if (!statesOf(files).some(one => one.id === id)) throw new Error(`there is no entry of ${id}`);
      setVariables(files, new Map([...environment(files), [ONCE, id]]));
    },
    confirm(id) {
      const { ids, counters } = fragmentOf(files);
      const others = counters.filter(one => one.id !== id);
      if (others.length < counters.length) dropVariables(files, others, ids);
    },
  };
}

interface Files {
  readonly sys: Sys;
  readonly boot: string;
  readonly fragment: string;
  readonly block: string;
}

/** GRUB plays no journal back: what it is to see has to be in its place on the disk, not only in the journal. */
function writeForGrub({ sys, boot }: Files, path: string, data: Buffer | string): void {
  writeFileDurable(sys, path, data);
  syncFileSystem(sys, boot);
}

function fragmentOf({ sys, fragment }: Files): ReturnType<typeof parseFragment> {
  return parseFragment(readFileIfExists(sys, fragment, FILE_MAX_BYTES)?.toString('utf8') ?? '');
}

function environment({ sys, block }: Files): Map<string, string> {
  return parseEnvironmentBlock(readFileIfExists(sys, block, FILE_MAX_BYTES) ?? Buffer.alloc(0));
}

function setVariables(files: Files, variables: ReadonlyMap<string, string>): void {
  writeForGrub(files, files.block, serializeEnvironmentBlock(variables));
}

/**
 * What counts the attempts from now on, in the order of `ids`. One that starts anew has a place of its own in the environment, so that the entries
 * that are there still have theirs until they are replaced. The others go on counting, those without attempts left as well.
 */
function nextCounters(files: Files, ids: readonly string[], tries: number | undefined): Counter[] {
  const [first] = ids;
  if (first === undefined) return [];
  const { counters: current } = fragmentOf(files);
  const states = statesOf(files);
  const left = (id: string) => states.find(one => one.id === id)?.triesLeft;
  const goesOn = (id: string) =>
    id === first ? tries === undefined && (left(id) ?? 0) > 0 : left(id) !== undefined;
  const kept = ids.filter(goesOn).flatMap(id => current.find(counter => counter.id === id) ?? []);
  if (tries === undefined) return kept;
  const counter = newCounter(first, current);
  const names = variablesOf(counter);
  const attempts = String(Math.min(tries, TRIES_MAX));
  setVariables(files, new Map([...environment(files), [names.left, attempts], [names.total, attempts]]));
  return limitedCounters([counter, ...kept]);
}

/** Forgets all counters but these. What chooses the next boot once stays while there is an entry of it. */
function dropVariables(files: Files, kept: readonly Counter[], ids: readonly string[]): void {
  const before = environment(files);
  const names = new Set(kept.flatMap(counter => Object.values(variablesOf(counter))));
  const stays = ([name, value]: [string, string]) => (name === ONCE ? ids.includes(value) : names.has(name));
  const after = new Map([...before].filter(stays));
  if (after.size !== before.size) setVariables(files, after);
}

/** When the new kernels do not fit beside all old ones, those that only unwanted entries use go first, with their entries. */
function makeRoom(
  files: Files,
  { boot, entries, options }: { boot: string; entries: readonly LoaderEntry[]; options: LoaderOptions },
): void {
  const { sys } = files;
  const { missing } = kernelSpace(sys, boot, entries);
  if (missing === 0) return;
  const { ids, counters: current } = fragmentOf(files);
  // In the order that is there, so that nothing else becomes the default than what is next in line.
  const stay = ids.flatMap(id => entries.find(entry => entry.id === id) ?? []);
  const bootable = statesOf(files)
    .filter(one => one.triesLeft !== 0)
    .map(one => one.id);
  if (!stay.some(entry => bootable.includes(entry.id))) throw noRoom(missing);
  const counters = current.filter(counter => stay.some(entry => entry.id === counter.id));
  writeForGrub(files, files.fragment, grubFragment(stay, { ...options, counters }));
  pruneKernels(sys, boot, new Set(kernelsOf(stay).keys()));
}

/** A custom.cfg of the administrator is read by ours from then on. It is copied: until ours is in its place, GRUB goes on reading it there. */
function keepForeign({ sys, fragment }: Files, directory: string): void {
  const text = readFileIfExists(sys, fragment, FILE_MAX_BYTES);
  if (text === undefined || isFragment(text.toString('utf8'))) return;
  const aside = `${directory}/${FOREIGN_FRAGMENT}`;
  const kept = readFileIfExists(sys, aside, FILE_MAX_BYTES);
  // A run that was killed in between copied it already.
  if (kept?.equals(text)) return;
  if (kept !== undefined)
    throw new AptLayerError('FAILED', `${fragment} is not apt-layer's, and ${aside} is there already`, {
      hint: `put what you need of ${fragment} into ${aside}, and remove it`,
    });
  // It may hold the hash of a password.
  writeFileDurable(sys, aside, text, sys.lstat(fragment).mode & 0o777);
}

/** As the script chooses: what has no attempts left comes last. */
function statesOf(files: Files): EntryState[] {
  const { ids, counters } = fragmentOf(files);
  const variables = environment(files);
  const number = (name: string) => {
    const value = variables.get(name) ?? '';
    return /^\d$/.test(value) ? Number(value) : undefined;
  };
  const entries = ids.map((id): EntryState => {
    const counter = counters.find(one => one.id === id);
    const names = counter === undefined ? undefined : variablesOf(counter);
    const triesLeft = names === undefined ? undefined : number(names.left);
    // Without a number the script does not count, either.
    if (names === undefined || triesLeft === undefined) return { id, triesLeft: undefined, triesDone: 0 };
    return { id, triesLeft, triesDone: Math.max(0, (number(names.total) ?? 0) - triesLeft) };
  });
  const isUsedUp = (entry: EntryState) => entry.triesLeft === 0;
  return [...entries.filter(entry => !isUsedUp(entry)), ...entries.filter(isUsedUp)];
}
