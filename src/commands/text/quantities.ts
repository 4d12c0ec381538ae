const SIZE_UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A size in decimal units, as apt prints it: `0 B`, `512 B`, `1.5 kB`, `24 MB`. */
export function formatSize(sizeBytes: number): string {
  if (Math.abs(sizeBytes) < 1000) return `${sizeBytes} B`;
  let value = sizeBytes;
  let unit = -1;
  // 999.5 would be printed as "1000" of the smaller unit.
  while (Math.abs(value) >= 999.5 && unit < SIZE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Math.abs(value) < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${SIZE_UNITS[unit]}`;
}

/** The two largest units of a duration: `12 ms`, `3.4 s`, `2 min 5 s`, `1 h 4 min`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 999.5) return `${Math.max(0, Math.round(durationMs))} ms`;
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const AGE_UNITS = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** How long ago: `just now`, `5 minutes ago`, `in 2 days` (a clock that was wrong). */
export function formatAge(then: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - then.getTime()) / 1000);
  const found = AGE_UNITS.find(([, length]) => Math.abs(seconds) >= length);
  if (found === undefined) return 'just now';
  const count = Math.floor(Math.abs(seconds) / found[1]);
  const text = `${count} ${found[0]}${count === 1 ? '' : 's'}`;
  return seconds < 0 ? `in ${text}` : `${text} ago`;
}

/** `2025-01-28 14:30:22Z`: UTC to the second. */
export function formatDate(date: Date): string {
  return date.toISOString().replace('T', ' ').replace(/\.\d+/, '');
}

/** `1 package`, `2 packages`; `plural` for words that do not take an s. */
export function formatCount(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}
