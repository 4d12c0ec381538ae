import { execFileSync } from 'node:child_process';
import { CHECKOUT } from '../support/places.ts';
import type { Life } from './life.ts';
import type { MadePackage } from './made/made-package.ts';

/** The table of a whole run, as it is committed. */
export function renderResults(
  rows: readonly { readonly one: MadePackage; readonly life: Life }[],
  day: string,
): string {
  const commit = execFileSync('git', ['-C', CHECKOUT, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' });
  const refused = rows.filter(({ life }) => life.theirs !== undefined).length;
  const otherwise = rows.filter(({ one }) => one.otherwise !== undefined).length;
  const known = rows.filter(({ one }) => one.known !== undefined).length;
  return `# The corpus: packages as vendors and tools make them

Written by \`npm run corpus\` on ${day}, at ${commit.trim()}. ${rows.length} packages, of which dpkg refuses ${refused}; ${otherwise} with another
verdict, and ${known} with differences that stay. A step is the first version (v1), the second one in its place (v2), or the package gone.

| package | made by | stands for | dpkg | apt-layer | differences |
|---|---|---|---|---|---|
${rows.map(rowOf).join('\n')}
`;
}

function rowOf({ one, life }: { one: MadePackage; life: Life }): string {
  const cells = [
    one.name,
    one.by,
    one.stands,
    verdict(life.theirs),
    verdict(life.ours),
    differencesOf(one, life),
  ];
  return `| ${cells.map(text => text.replaceAll('|', '\\|')).join(' | ')} |`;
}

function verdict(refusal: string | undefined): string {
  return refusal === undefined ? 'taken' : `refused (${refusal.slice(0, refusal.indexOf(':'))})`;
}

function differencesOf({ otherwise, known = [] }: MadePackage, { differences, explained }: Life): string {
  const counts = new Map<string, number>();
  for (const { reason } of explained) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const meant = known.map(({ reason }) => reason);
  const stay = [...counts].map(([reason, count]) => (meant.includes(reason) ? `${reason} (${count})` : ''));
  const others = [...counts].map(([reason, count]) => (meant.includes(reason) ? '' : `${reason}: ${count}`));
  const all = [
    ...(otherwise === undefined ? [] : [otherwise]),
    ...stay,
    ...others,
    ...(differences.length === 0 ? [] : [`${differences.length} unexplained`]),
  ].filter(text => text !== '');
  return all.length === 0 ? 'none' : all.join('; ');
}
