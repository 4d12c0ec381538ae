import { kernelName } from './kernels.ts';
import type { LoaderEntry } from './model.ts';
import { escapedTitle } from './words.ts';

/** Attempts that the script can count down from: GRUB has no arithmetic. */
export const TRIES_MAX = 9;

/** Names of variables in the environment block: whose attempts are counted, how many are left and how many there were. */
export const VARIABLES = {
  id: 'apt_layer_counted',
  left: 'apt_layer_left',
  total: 'apt_layer_total',
} as const;

/** Where the environment block is, for GRUB. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: GRUB's variable, not ours.
const BLOCK = '${prefix}/apt-layer.env';
const MARK = '# apt-layer entries: ';

/**
 * The script for GRUB's menu. It chooses the first entry, or the second one once the first has no attempts left; an attempt is
 * counted when its entry is started. Without an environment block, or with one that cannot be written, nothing is counted.
 */
export function grubFragment(
  entries: readonly LoaderEntry[],
  options: { readonly bootPrefix: string; readonly counted: boolean },
): string {
  const [first, second] = entries;
  const counted = options.counted ? first?.id : undefined;
  return [
    '# Written by apt-layer; it is replaced with each change.',
    `${MARK}${entries.map(entry => entry.id).join(' ')}`,
    ...(first === undefined ? [] : [`set default=${quoted(menuId(first.id))}`]),
    ...(counted === undefined || second === undefined ? [] : fallBack(counted, second.id)),
    ...entries.flatMap(entry => menuEntry(entry, { ...options, counted: entry.id === counted })),
    '',
  ].join('\n');
}

/** The deployments that a fragment has entries for, in their order; none for a text that is no fragment. */
export function entriesOfFragment(text: string): string[] {
  const line = text.split('\n').find(one => one.startsWith(MARK));
  return (
    line
      ?.slice(MARK.length)
      .split(' ')
      .filter(id => /^[A-Za-z0-9][\w.+-]*$/.test(id)) ?? []
  );
}

function fallBack(first: string, second: string): string[] {
  return [
    `if [ -f ${BLOCK} ]; then`,
    `  load_env --file ${BLOCK} ${VARIABLES.id} ${VARIABLES.left}`,
    `  if [ "\${${VARIABLES.id}}" = ${quoted(first)} -a "\${${VARIABLES.left}}" = "0" ]; then`,
    `    set default=${quoted(menuId(second))}`,
    '  fi',
    'fi',
  ];
}

function menuEntry(
  { id, title, kernel, initrd, arguments: words }: LoaderEntry,
  { bootPrefix, counted }: { bootPrefix: string; counted: boolean },
): string[] {
  return [
    `menuentry ${quoted(escapedTitle(title))} --id ${quoted(menuId(id))} {`,
    ...(counted ? countDown(id) : []),
    `  linux ${bootPrefix}/${kernelName(kernel, 'vmlinuz')} ${words.map(quoted).join(' ')}`,
    ...(initrd === undefined ? [] : [`  initrd ${bootPrefix}/${kernelName(initrd, 'initrd')}`]),
    '}',
  ];
}

function countDown(id: string): string[] {
  const steps = Array.from({ length: TRIES_MAX }, (_, index) => index + 1).flatMap(left => [
    `    ${left === 1 ? 'if' : 'elif'} [ "\${${VARIABLES.left}}" = "${left}" ]; then`,
    `      set ${VARIABLES.left}=${left - 1}`,
  ]);
  return [
    `  if [ "\${${VARIABLES.id}}" = ${quoted(id)} ]; then`,
    ...steps,
    '    fi',
    `    save_env --file ${BLOCK} ${VARIABLES.left}`,
    '  fi',
  ];
}

function menuId(id: string): string {
  return `apt-layer-${id}`;
}

/** A word of GRUB's script language: nothing has a meaning between single quotes. */
function quoted(word: string): string {
  return `'${word.replace(/[\x00-\x1f\x7f]/g, ' ').replaceAll("'", "'\\''")}'`;
}
