import type { ChangedPackage, PackageComparison, SinglePackage } from '../compose/index.ts';
import { formatSize, type TextStyle } from './text/index.ts';

/** What may stand behind and below a line of a package. */
export interface PackageNotes {
  readonly note?: (one: SinglePackage | ChangedPackage) => string;
  readonly below?: (one: SinglePackage | ChangedPackage) => readonly string[];
}

/** A comparison in the words of rpm-ostree's `db diff`: a heading for each list that is not empty. */
export function blockLines(changes: PackageComparison, style: TextStyle, notes: PackageNotes = {}): string[] {
  const section = <T extends SinglePackage | ChangedPackage>(
    title: string,
    list: readonly T[],
    line: (one: T) => string,
  ) =>
    list.length === 0
      ? []
      : [
          style.bold(`${title}:`),
          ...list.flatMap(one => [
            `  ${line(one)}${notes.note?.(one) ?? ''}`,
            ...(notes.below?.(one) ?? []).map(text => (text === '' ? '' : `    ${text}`)),
          ]),
        ];
  const change = (one: ChangedPackage) => `${packageTitle(one, changes)} ${one.from} -> ${one.to}`;
  const single = (one: SinglePackage) => `${packageTitle(one, changes)} ${one.version}`;
  return [
    ...section('Upgraded', changes.upgraded, change),
    ...section('Downgraded', changes.downgraded, change),
    ...section('Removed', changes.removed, single),
    ...section('Added', changes.added, single),
  ];
}

/** The same in rpm-ostree's `--format=diff`: `!` before and `=` after a change, `-` gone, `+` come. */
export function diffLines(changes: PackageComparison): string[] {
  const pairs = [...changes.upgraded, ...changes.downgraded].flatMap(one => [
    {
      key: one.name,
      lines: [`!${one.name}-${one.from}.${one.architecture}`, `=${one.name}-${one.to}.${one.architecture}`],
    },
  ]);
  const single = (mark: string) => (one: SinglePackage) => ({
    key: one.name,
    lines: [`${mark}${one.name}-${one.version}.${one.architecture}`],
  });
  return [...pairs, ...changes.removed.map(single('-')), ...changes.added.map(single('+'))]
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .flatMap(({ lines }) => lines);
}

/** What the change takes or frees, as a sentence. */
export function sizeLine(changes: PackageComparison): string {
  const bytes = changes.installedBytesChange;
  return bytes < 0 ? `Frees ${formatSize(-bytes)}.` : `Takes ${formatSize(bytes)} more.`;
}

export function isEmptyComparison({ added, removed, upgraded, downgraded }: PackageComparison): boolean {
  return added.length + removed.length + upgraded.length + downgraded.length === 0;
}

/** The name, with the architecture where there are several of that name. */
function packageTitle(one: { name: string; architecture: string }, changes: PackageComparison): string {
  const all = [...changes.upgraded, ...changes.downgraded, ...changes.removed, ...changes.added];
  const several = all.some(other => other.name === one.name && other.architecture !== one.architecture);
  return several ? `${one.name}:${one.architecture}` : one.name;
}
