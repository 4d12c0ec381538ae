import { type Counter, counterLines, parseCounters, TRIES_MAX, variablesOf } from './grub-counter.ts';
import { kernelName } from './kernels.ts';
import type { LoaderEntry, LoaderOptions } from './model.ts';
import { escapedTitle, plainArgument } from './words.ts';

/** The variable of the environment block that names what the next boot takes, once. */
export const ONCE = 'apt_layer_once';

/** What was custom.cfg before, beside it. */
export const FOREIGN_FRAGMENT = 'custom.cfg.before-apt-layer';

const PREFIX = '$' + '{prefix}';
/** Where the environment block is, for GRUB. */
const BLOCK = `${PREFIX}/apt-layer.env`;
const FOREIGN = `${PREFIX}/${FOREIGN_FRAGMENT}`;
const HEADER = '# Written by apt-layer; it is replaced with each change.';
const ENTRIES = '# apt-layer entries: ';
const ID = /^[A-Za-z0-9][\w.+-]*$/;

export interface FragmentOptions extends Pick<LoaderOptions, 'bootPrefix'> {
  /** Of the entries whose attempts are counted. */
  readonly counters: readonly Counter[];
}

/**
 * The script for GRUB's menu. It chooses the first entry that has attempts left or is not counted (without one, what the configuration chose that
 * reads this); an attempt is counted when its entry is started. What was chosen for one boot, with grub-reboot(8) or with us, comes before.
 * Without an environment block, or with one that cannot be written, nothing is counted.
 */
export function grubFragment(entries: readonly LoaderEntry[], options: FragmentOptions): string {
  const ids = entries.map(entry => entry.id);
  return [
    HEADER,
    `${ENTRIES}${ids.join(' ')}`,
    ...counterLines(options.counters),
    `if [ -f ${FOREIGN} ]; then`,
    `  source ${FOREIGN}`,
    'fi',
    ...(ids.length === 0 ? [] : choice(ids, options.counters)),
    ...entries.flatMap(entry => menuEntry(entry, options)),
    '',
  ].join('\n');
}

/** Whether a text is one that `grubFragment` wrote. */
export function isFragment(text: string): boolean {
  return text.startsWith(HEADER);
}

/** The deployments that a fragment has entries for, in their order, and what counts them; none for a text that is no fragment. */
export function parseFragment(text: string): {
  readonly ids: readonly string[];
  readonly counters: readonly Counter[];
} {
  if (!isFragment(text)) return { ids: [], counters: [] };
  const lines = text.split('\n');
  const words =
    lines
      .find(one => one.startsWith(ENTRIES))
      ?.slice(ENTRIES.length)
      .split(' ') ?? [];
  const ids = words.filter(id => ID.test(id));
  return { ids, counters: parseCounters(lines, ids) };
}

function choice(ids: readonly string[], counters: readonly Counter[]): string[] {
  return [
    `if [ -f ${BLOCK} ]; then`,
    `  load_env --file ${BLOCK}`,
    'fi',
    // GRUB's own for a choice that holds once.
    'if [ "$' + '{boot_once}" != "true" ]; then',
    ...firstUsable(ids, counters),
    ...chosenOnce(ids),
    'fi',
  ];
}

/** Up to the first entry that is not counted, which can always be taken. */
function firstUsable(ids: readonly string[], counters: readonly Counter[]): string[] {
  const lines: string[] = [];
  for (const id of ids) {
    const set = `set default=${quoted(menuId(id))}`;
    const counter = counters.find(one => one.id === id);
    if (counter === undefined) {
      if (lines.length === 0) return [`  ${set}`];
      return [...lines, '  else', `    ${set}`, '  fi'];
    }
    const word = lines.length === 0 ? 'if' : 'elif';
    lines.push(`  ${word} [ "\${${variablesOf(counter).left}}" != "0" ]; then`, `    ${set}`);
  }
  return [...lines, '  fi'];
}

/** A choice without an entry must not become the default: GRUB would take the first of its menu, whatever that is. */
function chosenOnce(ids: readonly string[]): string[] {
  return [
    `  if [ -n "\${${ONCE}}" ]; then`,
    ...ids.flatMap((id, index) => [
      `    ${index === 0 ? 'if' : 'elif'} [ "\${${ONCE}}" = ${quoted(id)} ]; then`,
      `      set default=${quoted(menuId(id))}`,
    ]),
    '    fi',
    `    set ${ONCE}=`,
    `    save_env --file ${BLOCK} ${ONCE}`,
    '  fi',
  ];
}

function menuEntry(
  { id, title, kernel, initrd, arguments: words }: LoaderEntry,
  { bootPrefix, counters }: FragmentOptions,
): string[] {
  const linux = `${bootPrefix}/${kernelName(kernel, 'vmlinuz')}`;
  const counter = counters.find(one => one.id === id);
  return [
    `menuentry ${quoted(escapedTitle(title))} --id ${quoted(menuId(id))} {`,
    // The root is what the configuration searched last: a file system of fonts, perhaps.
    `  if [ ! -f ${linux} ]; then`,
    `    search --no-floppy --set=root --file ${linux}`,
    '  fi',
    ...(counter === undefined ? [] : countDown(counter)),
    `  linux ${linux} ${words.map(word => quoted(plainArgument(word))).join(' ')}`,
    ...(initrd === undefined ? [] : [`  initrd ${bootPrefix}/${kernelName(initrd, 'initrd')}`]),
    '}',
  ];
}

function countDown(counter: Counter): string[] {
  const { left } = variablesOf(counter);
  const steps = Array.from({ length: TRIES_MAX }, (_, index) => index + 1).flatMap(attempts => [
    `  ${attempts === 1 ? 'if' : 'elif'} [ "\${${left}}" = "${attempts}" ]; then`,
    `    set ${left}=${attempts - 1}`,
    `    save_env --file ${BLOCK} ${left}`,
  ]);
  return [...steps, '  fi'];
}

function menuId(id: string): string {
  return `apt-layer-${id}`;
}

/** A word of GRUB's script language: nothing has a meaning between single quotes. */
function quoted(word: string): string {
  return `'${word.replace(/[\x00-\x1f\x7f]/g, ' ').replaceAll("'", "'\\''")}'`;
}
