import type { TextStyle } from './style.ts';
import { displayWidth, padEnd, padStart, truncate, wrap } from './width.ts';

export interface Column {
  readonly title: string;
  /** Default left. */
  readonly align?: 'left' | 'right';
  /** This column is cut when the table is wider than the terminal. At most one. */
  readonly shrinks?: boolean;
}

const GAP = '  ';
const NARROWEST = 8;

/**
 * Rows under a bold header, two spaces apart. Cells may carry colours, except in a column that shrinks. No rows,
 * no text.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: TextStyle,
): string {
  if (rows.length === 0) return '';
  const widths = columns.map((column, index) =>
    rows.reduce(
      (widest, row) => Math.max(widest, displayWidth(row[index] ?? '')),
      displayWidth(column.title),
    ),
  );
  const total = widths.reduce((sum, width) => sum + width, (columns.length - 1) * GAP.length);
  const shrinking = columns.findIndex(column => column.shrinks === true);
  if (shrinking >= 0 && total > style.columns)
    widths[shrinking] = Math.max(NARROWEST, (widths[shrinking] ?? 0) - (total - style.columns));
  const line = (cells: readonly string[]) =>
    columns
      .map((column, index) => {
        const width = widths[index] ?? 0;
        const cell = index === shrinking ? truncate(cells[index] ?? '', width) : (cells[index] ?? '');
        return column.align === 'right' ? padStart(cell, width) : padEnd(cell, width);
      })
      .join(GAP)
      .trimEnd();
  const header = style.bold(line(columns.map(column => column.title)));
  return `${[header, ...rows.map(line)].join('\n')}\n`;
}

/** `key: value` lines with the colons in one column, as in `status`. Undefined values are left out; lists wrap. */
export function fields(
  entries: readonly (readonly [key: string, value: string | readonly string[] | undefined])[],
  style: TextStyle,
): string {
  const present = entries.filter(([, value]) => value !== undefined && value.length > 0);
  const keyWidth = present.reduce((widest, [key]) => Math.max(widest, displayWidth(key)), 0);
  const valueColumns = Math.max(20, style.columns - keyWidth - 2);
  return present
    .map(([key, value]) => {
      const lines =
        typeof value === 'string' ? value.split('\n') : wrap((value ?? []).join(' '), valueColumns);
      const indent = ' '.repeat(keyWidth + 2);
      return `${style.dim(`${padStart(key, keyWidth)}:`)} ${lines.join(`\n${indent}`)}\n`;
    })
    .join('');
}
