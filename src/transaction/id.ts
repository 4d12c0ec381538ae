/** `YYYYMMDD-HHMMSS` in UTC, the date part of transaction and deployment ids. */
export function compactTime(date: Date): string {
  const text = date.toISOString();
  return `${text.slice(0, 10).replaceAll('-', '')}-${text.slice(11, 19).replaceAll(':', '')}`;
}

/** A new transaction id: sorts by time, and is unique by its random end. */
export function transactionId(date: Date, random: (count: number) => Buffer): string {
  return `${compactTime(date)}-${random(4).toString('hex')}`;
}

/** True for names that `transactionId` makes; anything else in the directory is not ours. */
export function isTransactionId(name: string): boolean {
  return /^\d{8}-\d{6}-[0-9a-f]{8}$/.test(name);
}
