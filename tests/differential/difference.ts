/** Kinds of difference, in the order in which they are shown. */
export const DIFFERENCE_CLASSES = [
  'missing',
  'extra',
  'type',
  'content',
  'mode',
  'owner',
  'ids',
  'xattrs',
  'hard links',
  'symlink target',
  'device',
  'status',
  'conffiles',
  'info files',
  'alternatives',
  'diversions',
  'statoverrides',
  'triggers',
  'extended states',
  'accounts',
  'times',
] as const;

export type DifferenceClass = (typeof DIFFERENCE_CLASSES)[number];

/** Something in which the program's tree is not what apt-get made. */
export interface Difference {
  readonly class: DifferenceClass;
  /** Absolute, as in a plain Debian root; bytes that are not UTF-8 are escaped. */
  readonly path: string;
  /** What apt-get has, and what the program has. */
  readonly detail: string;
}

export function differenceOf(
  kind: DifferenceClass,
  path: string,
  { theirs, ours }: { readonly theirs: string; readonly ours: string },
): Difference {
  return { class: kind, path, detail: `${theirs} -> ${ours}` };
}
