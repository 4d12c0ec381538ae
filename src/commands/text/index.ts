export { formatAge, formatCount, formatDate, formatDuration, formatSize } from './quantities.ts';
export { createStyle, plainStyle, type TextStyle } from './style.ts';
export { type Column, fields, table } from './table.ts';
export { displayWidth, padEnd, truncate, wrap } from './width.ts';
