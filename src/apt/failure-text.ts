/** Text of apt without terminal control, user names and passwords: addresses keep only the host. */
export function cleanOutput(text: string): string {
  return text
    .replace(/\x1b\[[0-9;]*[A-Za-z]/g, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '')
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1');
}

/** The captures of every match, in order, without repetition. */
export function allMatches(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(match => match[1] ?? match[0]))];
}

/** The host of the first address in `text`, port included. */
export function hostOf(text: string): string | undefined {
  return /[a-z][a-z0-9+.-]*:\/\/([^\s/'"]+)/i.exec(text)?.[1];
}

/** At most `count` lines, saying how many are left out. */
export function quoteLines(lines: readonly string[], count: number): string {
  const kept = lines.slice(0, count).map(line => `  ${line.trimEnd()}`);
  if (lines.length > count) kept.push(`  (and ${lines.length - count} more lines)`);
  return kept.join('\n');
}

/** `a`, `b` and `c` as a phrase. */
export function nameList(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** The lines after the one that matches `heading`, while they are indented. */
export function indentedAfter(text: string, heading: RegExp): string[] {
  const lines = text.split('\n');
  const start = lines.findIndex(line => heading.test(line));
  if (start < 0) return [];
  const end = lines.findIndex((line, index) => index > start && !/^\s+\S/.test(line));
  return lines.slice(start + 1, end < 0 ? lines.length : end);
}
