import { DIFFERENCE_CLASSES, type Difference } from './difference.ts';
import type { Judgement } from './judge.ts';

/** What `--json` prints. */
export interface DifferentialReport {
  readonly suite: string;
  readonly packages: readonly string[];
  readonly entries: number;
  readonly seconds: { readonly 'apt-layer': number; readonly 'apt-get': number; readonly judge: number };
  readonly documented: Readonly<Record<string, number>>;
  readonly differences: readonly Difference[];
}

/** Every difference that nothing explains, grouped by class with its count; empty text for none. */
export function renderDifferences(differences: readonly Difference[]): string {
  const groups = DIFFERENCE_CLASSES.map(kind => ({
    kind,
    list: differences.filter(one => one.class === kind),
  })).filter(({ list }) => list.length > 0);
  return groups
    .map(({ kind, list }) => [`${kind} (${list.length})`, ...collapsed(list)].join('\n'))
    .join('\n');
}

/** A line for each; what is below a directory that is missing or extra is only counted. */
function collapsed(list: readonly Difference[]): string[] {
  const lines: string[] = [];
  let top: { path: string; line: number; below: number } | undefined;
  for (const { class: kind, path, detail } of list) {
    const isLonely = kind === 'missing' || kind === 'extra';
    if (isLonely && top !== undefined && path.startsWith(`${top.path}/`)) {
      top.below += 1;
      continue;
    }
    if (top !== undefined && top.below > 0) lines[top.line] += ` (and ${top.below} below)`;
    top = isLonely ? { path, line: lines.length, below: 0 } : undefined;
    lines.push(`  ${path}: ${detail}`);
  }
  if (top !== undefined && top.below > 0) lines[top.line] += ` (and ${top.below} below)`;
  return lines;
}

/** The judgement for people: documented reasons with counts, then all differences, then their number. */
export function renderJudgement({ differences, explained, entries }: Judgement): string {
  const reasons = [...explained].sort().map(([reason, count]) => `documented: ${reason} (${count})`);
  const rest = differences.length > 0 ? [renderDifferences(differences)] : [];
  return [...reasons, ...rest, `${differences.length} differences in ${entries} entries`].join('\n');
}
