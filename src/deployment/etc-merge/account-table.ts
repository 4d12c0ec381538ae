/** The text of passwd(5) or group(5): each line has a name first and its number third. */

/** The name that a line of a table of accounts is about; undefined for comments, empty lines and what nsswitch's `compat` reads (`+`, `-user`). */
export function nameOf(line: string): string | undefined {
  const name = line.slice(0, Math.max(0, line.indexOf(':')));
  return name === '' || name.startsWith('#') || isCompat(line) ? undefined : name;
}

/** Whether a line takes accounts of NIS in, or leaves some out: `+`, `+user`, `+@netgroup`, `-user`. */
export function isCompat(line: string): boolean {
  return /^[+-]/.test(line);
}

/** `+` alone asks NIS for whatever name is looked for, so that no line behind it is found. */
export function takesAll(line: string): boolean {
  return /^\+(?::|$)/.test(line);
}

/** The lines by name; the first one of a name counts. */
export function byName(text: string): Map<string, string> {
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    const name = nameOf(line);
    if (name !== undefined && !lines.has(name)) lines.set(name, line);
  }
  return lines;
}

/** The numbers by name; lines without one are left out. */
export function numbersOf(text: string): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const [name, line] of byName(text)) {
    const field = line.split(':')[2] ?? '';
    if (/^\d{1,10}$/.test(field)) numbers.set(name, Number(field));
  }
  return numbers;
}
