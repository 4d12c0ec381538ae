const SEQUENCE = /\x1b\[[0-9;]*m/g;

/** Ranges of characters that terminals draw two cells wide: CJK, Hangul, full-width forms, emoji (UAX 11). */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

/** Cells that `text` takes on a terminal; colours count nothing. */
export function displayWidth(text: string): number {
  const visible = text.includes('\x1b') ? text.replace(SEQUENCE, '') : text;
  if (/^[\x20-\x7e]*$/.test(visible)) return visible.length;
  let width = 0;
  for (const character of visible) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (/^[\p{Mark}\p{Cc}\p{Cf}]$/u.test(character)) return 0;
  const code = character.codePointAt(0) ?? 0;
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

/** Cuts plain text (without colours) to at most `columns` cells, with an ellipsis when something is lost. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return columns < 1 ? '' : `${kept}…`;
}

/** Fills with spaces up to `columns` cells. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - displayWidth(text))) + text;
}

/** Breaks a paragraph at spaces into lines of at most `columns` cells; longer words stay whole. */
export function wrap(paragraph: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(/\s+/).filter(part => part !== '')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') lines.push(line);
  return lines;
}
