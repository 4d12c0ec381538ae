import { AptLayerError } from '../../errors/index.ts';
import { ensureDirectory, readFileIfExists, syncDirectory, writeFileDurable } from '../../fs/index.ts';
import type { Sys } from '../../sys/index.ts';
import { parseEnvironmentBlock, serializeEnvironmentBlock } from './environment-block.ts';
import {
  type Counter,
  FOREIGN_FRAGMENT,
  grubFragment,
  isFragment,
  ONCE,
  parseFragment,
  TRIES_MAX,
  variablesOf,
} from './grub-fragment.ts';
import { kernelSpace, kernelsOf, noRoom, pruneKernels, putKernels } from './kernels.ts';
import type { EntryState, Loader, LoaderEntry, LoaderOptions } from './model.ts';

const FILE_MAX_BYTES = 4 * 1024 * 1024;

/**
 * GRUB: all entries are in `grub/custom.cfg`, which the configuration that we install reads, and Debian's own as well
 * (/etc/grub.d/41_custom). A change of it is one rename. Attempts are counted in `grub/apt-layer.env`, by the script itself.
 */
export function grub(sys: Sys, boot: string, options: LoaderOptions): Loader {
  const files: Files = { sys, fragment: `${boot}/grub/custom.cfg`, block: `${boot}/grub/apt-layer.env` };
  return {
    name: 'grub',
    read: () => ({ entries: statesOf(files), foreign: [] }),
    space: entries => kernelSpace(sys, boot, entries),
    write(entries, tries) {
      ensureDirectory(sys, `${boot}/grub`);
      keepForeign(files, `${boot}/grub`);
      makeRoom(files, { boot, entries, options });
      putKernels(sys, boot, kernelsOf(entries));
      const counter = nextCounter(files, entries[0]?.id, tries);
      writeFileDurable(sys, files.fragment, grubFragment(entries, { ...options, counter }));
      dropVariables(files, counter);
      pruneKernels(sys, boot, new Set(kernelsOf(entries).keys()));
    },
    once(id) {
      if (!statesOf(files).some(one => one.id === id)) throw new Error(`there is no entry of ${id}`);
      setVariables(files, new Map([...environment(files), [ONCE, id]]));
    },
    confirm(id) {
      const { counter } = fragmentOf(files);
      if (counter?.id === id) dropVariables(files, undefined);
    },
  };
}

interface Files {
  readonly sys: Sys;
  readonly fragment: string;
  readonly block: string;
}

function textOf(sys: Sys, path: string): string {
  return readFileIfExists(sys, path, FILE_MAX_BYTES)?.toString('utf8') ?? '';
}

function fragmentOf({ sys, fragment }: Files): ReturnType<typeof parseFragment> {
  return parseFragment(textOf(sys, fragment));
}

function environment({ sys, block }: Files): Map<string, string> {
  return parseEnvironmentBlock(readFileIfExists(sys, block, FILE_MAX_BYTES) ?? Buffer.alloc(0));
}

function setVariables({ sys, block }: Files, variables: ReadonlyMap<string, string>): void {
  writeFileDurable(sys, block, serializeEnvironmentBlock(variables));
}

/**
 * What counts the attempts of the first entry from now on. One that starts anew has a place of its own in the environment, so that the entries
 * that are there still have theirs until they are replaced.
 */
function nextCounter(
  files: Files,
  first: string | undefined,
  tries: number | undefined,
): Counter | undefined {
  const { counter: current } = fragmentOf(files);
  if (first === undefined) return undefined;
  if (tries === undefined) {
    const left = statesOf(files).find(one => one.id === first)?.triesLeft ?? 0;
    return current?.id === first && left > 0 ? current : undefined;
  }
  const counter: Counter = { id: first, slot: current?.slot === 'a' ? 'b' : 'a' };
  const { left, total } = variablesOf(counter);
  const attempts = String(Math.min(tries, TRIES_MAX));
  setVariables(files, new Map([...environment(files), [left, attempts], [total, attempts]]));
  return counter;
}

/** Forgets all counters but one. What chooses the next boot once stays. */
function dropVariables(files: Files, kept: Counter | undefined): void {
  const before = environment(files);
  const names = kept === undefined ? [] : Object.values(variablesOf(kept));
  const after = new Map([...before].filter(([name]) => name === ONCE || names.includes(name)));
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
  const { ids, counter } = fragmentOf(files);
  // In the order that is there, so that nothing else becomes the default than what is next in line.
  const stay = ids.flatMap(id => entries.find(entry => entry.id === id) ?? []);
  const bootable = statesOf(files)
    .filter(one => one.triesLeft !== 0)
    .map(one => one.id);
  if (!stay.some(entry => bootable.includes(entry.id))) throw noRoom(missing);
  const counted = counter !== undefined && counter.id === stay[0]?.id ? counter : undefined;
  writeFileDurable(sys, files.fragment, grubFragment(stay, { ...options, counter: counted }));
  pruneKernels(sys, boot, new Set(kernelsOf(stay).keys()));
}

/** A custom.cfg of the administrator is read by ours from then on. */
function keepForeign({ sys, fragment }: Files, directory: string): void {
  const text = readFileIfExists(sys, fragment, FILE_MAX_BYTES);
  if (text === undefined || isFragment(text.toString('utf8'))) return;
  const aside = `${directory}/${FOREIGN_FRAGMENT}`;
  if (sys.lstatIfExists(aside) !== undefined)
    throw new AptLayerError('FAILED', `${fragment} is not apt-layer's, and ${aside} is there already`, {
      hint: `put what you need of ${fragment} into ${aside}, and remove it`,
    });
  sys.rename(fragment, aside);
  syncDirectory(sys, directory);
}

/** As the script chooses: the first entry comes last once it has no attempts left. */
function statesOf(files: Files): EntryState[] {
  const { ids, counter } = fragmentOf(files);
  const variables = environment(files);
  const number = (name: string) => Number(/^\d$/.exec(variables.get(name) ?? '')?.[0] ?? 0);
  const entries = ids.map((id): EntryState => {
    const names = counter?.id === id ? variablesOf(counter) : undefined;
    // Without the variable the script does not count, either.
    if (names === undefined || !variables.has(names.left)) return { id, triesLeft: undefined, triesDone: 0 };
    const left = number(names.left);
    return { id, triesLeft: left, triesDone: Math.max(0, number(names.total) - left) };
  });
  const [first, second, ...rest] = entries;
  return first?.triesLeft === 0 && second !== undefined ? [second, ...rest, first] : entries;
}
