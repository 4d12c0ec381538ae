import { kernelName } from './kernels.ts';
import type { LoaderEntry } from './model.ts';
import { escapedTitle, plainArgument } from './words.ts';

/** Attempts that the script can count down from: GRUB has no arithmetic. */
export const TRIES_MAX = 9;

/** The variable of the environment block that names what the next boot takes, once. */
export const ONCE = 'apt_layer_once';

/** What was custom.cfg before, beside it. */
export const FOREIGN_FRAGMENT = 'custom.cfg.before-apt-layer';

/** Counts the attempts of a deployment in one of two places of the environment block. */
export interface Counter {
  readonly id: string;
  readonly slot: 'a' | 'b';
}

/** Variables of the environment block: how many attempts are left, and how many there were. */
export function variablesOf({ slot }: Counter): { readonly left: string; readonly total: string } {
  return { left: `apt_layer_left_${slot}`, total: `apt_layer_total_${slot}` };
}

const PREFIX = '$' + '{prefix}';
/** Where the environment block is, for GRUB. */
const BLOCK = `${PREFIX}/apt-layer.env`;
const FOREIGN = `${PREFIX}/${FOREIGN_FRAGMENT}`;
const HEADER = '# Written by apt-layer; it is replaced with each change.';
const ENTRIES = '# apt-layer entries: ';
const COUNTER = '# apt-layer counter: ';
const ID = /^[A-Za-z0-9][\w.+-]*$/;

export interface FragmentOptions {
  readonly bootPrefix: string;
  /** Undefined: no attempts are counted. */
  readonly counter: Counter | undefined;
}

/**
 * The script for GRUB's menu. It chooses the first entry, or the second one once the first has no attempts left (without a second one, what the
 * configuration chose that reads this); an attempt is counted when its entry is started. What was chosen for one boot, with grub-reboot(8) or
 * with us, comes before. Without an environment block, or with one that cannot be written, nothing is counted.
 */
export function grubFragment(entries: readonly LoaderEntry[], options: FragmentOptions): string {
  const [first, second] = entries;
  const counter = options.counter?.id === first?.id ? options.counter : undefined;
  return [
    HEADER,
    `${ENTRIES}${entries.map(entry => entry.id).join(' ')}`,
    ...(counter === undefined ? [] : [`${COUNTER}${counter.slot} ${counter.id}`]),
    `if [ -f ${FOREIGN} ]; then`,
    `  source ${FOREIGN}`,
    'fi',
    ...(first === undefined ? [] : choice(first.id, { second: second?.id, counter })),
    ...entries.flatMap(entry =>
      menuEntry(entry, { ...options, counter: entry.id === counter?.id ? counter : undefined }),
    ),
    '',
  ].join('\n');
}

/** Whether a text is one that `grubFragment` wrote. */
export function isFragment(text: string): boolean {
  return text.startsWith(HEADER);
}

/** The deployments that a fragment has entries for, in their order, and what counts; none for a text that is no fragment. */
export function parseFragment(text: string): {
  readonly ids: readonly string[];
  readonly counter: Counter | undefined;
} {
  if (!isFragment(text)) return { ids: [], counter: undefined };
  const words = (mark: string) => {
    const line = text.split('\n').find(one => one.startsWith(mark));
    return line?.slice(mark.length).split(' ') ?? [];
  };
  const ids = words(ENTRIES).filter(id => ID.test(id));
  const [slot, id = ''] = words(COUNTER);
  const known = (slot === 'a' || slot === 'b') && ids[0] === id;
  return { ids, counter: known ? { id, slot } : undefined };
}

function choice(
  first: string,
  { second, counter }: { second: string | undefined; counter: Counter | undefined },
): string[] {
  return [
    `if [ -f ${BLOCK} ]; then`,
    `  load_env --file ${BLOCK}`,
    'fi',
    // GRUB's own for a choice that holds once.
    'if [ "$' + '{boot_once}" != "true" ]; then',
    ...(counter === undefined
      ? [`  set default=${quoted(menuId(first))}`]
      : [
          `  if [ "\${${variablesOf(counter).left}}" != "0" ]; then`,
          `    set default=${quoted(menuId(first))}`,
          ...(second === undefined ? [] : ['  else', `    set default=${quoted(menuId(second))}`]),
          '  fi',
        ]),
    `  if [ -n "\${${ONCE}}" ]; then`,
    `    set default="apt-layer-\${${ONCE}}"`,
    `    set ${ONCE}=`,
    `    save_env --file ${BLOCK} ${ONCE}`,
    '  fi',
    'fi',
  ];
}

function menuEntry(
  { id, title, kernel, initrd, arguments: words }: LoaderEntry,
  { bootPrefix, counter }: FragmentOptions,
): string[] {
  const linux = `${bootPrefix}/${kernelName(kernel, 'vmlinuz')}`;
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
