import { ensureDirectory, readFileIfExists, writeFileDurable } from '../../fs/index.ts';
import type { Sys } from '../../sys/index.ts';
import { parseEnvironmentBlock, serializeEnvironmentBlock } from './environment-block.ts';
import { entriesOfFragment, grubFragment, TRIES_MAX, VARIABLES } from './grub-fragment.ts';
import { kernelSpace, kernelsOf, pruneKernels, putKernels } from './kernels.ts';
import type { EntryState, Loader, LoaderEntry, LoaderOptions } from './model.ts';

const FILE_MAX_BYTES = 4 * 1024 * 1024;

/**
 * GRUB: all entries are in `grub/custom.cfg`, which the configuration that we install reads, and Debian's own as well
 * (/etc/grub.d/41_custom). A change of it is one rename. Attempts are counted in `grub/apt-layer.env`, by the script itself.
 */
export function grub(sys: Sys, boot: string, options: LoaderOptions): Loader {
  const fragment = `${boot}/grub/custom.cfg`;
  const block = `${boot}/grub/apt-layer.env`;
  const text = (path: string) => readFileIfExists(sys, path, FILE_MAX_BYTES);
  const environment = () => parseEnvironmentBlock(text(block) ?? Buffer.alloc(0));
  const read = () => {
    const ids = entriesOfFragment(text(fragment)?.toString('utf8') ?? '');
    return inOrder(ids, environment());
  };
  const setCounter = (counter: { id: string; tries: number } | undefined) =>
    writeFileDurable(sys, block, serializeEnvironmentBlock(variablesOf(counter)));
  return {
    name: 'grub',
    read: () => ({ entries: read() }),
    space: entries => kernelSpace(sys, boot, entries),
    write(entries, tries) {
      ensureDirectory(sys, `${boot}/grub`);
      const [first] = entries;
      makeRoom(sys, boot, entries, text(fragment)?.toString('utf8') ?? '', options, fragment);
      putKernels(sys, boot, kernelsOf(entries));
      const before = read().find(one => one.id === first?.id);
      const counted = tries !== undefined || (before?.triesLeft !== undefined && before.triesLeft > 0);
      // Before the entries: until they are there, it counts a deployment that no entry starts.
      if (first !== undefined && tries !== undefined)
        setCounter({ id: first.id, tries: Math.min(tries, TRIES_MAX) });
      writeFileDurable(sys, fragment, grubFragment(entries, { ...options, counted }));
      if (!counted && environment().get(VARIABLES.id) !== undefined) setCounter(undefined);
      pruneKernels(sys, boot, new Set(kernelsOf(entries).keys()));
    },
    confirm(id) {
      if (environment().get(VARIABLES.id) === id) setCounter(undefined);
    },
  };
}

/** When the new kernels do not fit beside all old ones, those that only unwanted entries use go first, with their entries. */
function makeRoom(
  sys: Sys,
  boot: string,
  entries: readonly LoaderEntry[],
  before: string,
  options: LoaderOptions,
  fragment: string,
): void {
  if (kernelSpace(sys, boot, entries).missing === 0) return;
  const present = new Set(entriesOfFragment(before));
  const stay = entries.filter(entry => present.has(entry.id));
  if (stay.length === 0) return;
  writeFileDurable(sys, fragment, grubFragment(stay, { ...options, counted: false }));
  pruneKernels(sys, boot, new Set(kernelsOf(stay).keys()));
}

function variablesOf(counter: { id: string; tries: number } | undefined): Map<string, string> {
  if (counter === undefined) return new Map();
  const { id, tries } = counter;
  return new Map<string, string>([
    [VARIABLES.id, id],
    [VARIABLES.left, String(tries)],
    [VARIABLES.total, String(tries)],
  ]);
}

/** As the script chooses: the first entry comes after the second once it has no attempts left. */
function inOrder(ids: readonly string[], environment: ReadonlyMap<string, string>): EntryState[] {
  const number = (name: string) => Number(/^\d$/.exec(environment.get(name) ?? '')?.[0] ?? 0);
  const entries = ids.map((id, index): EntryState => {
    if (index > 0 || environment.get(VARIABLES.id) !== id) return { id, triesLeft: undefined, triesDone: 0 };
    const left = number(VARIABLES.left);
    return { id, triesLeft: left, triesDone: Math.max(0, number(VARIABLES.total) - left) };
  });
  const [first, second, ...rest] = entries;
  return first?.triesLeft === 0 && second !== undefined ? [second, ...rest, first] : entries;
}
