/** One comparison: our median, the peer's, and the ratio that is to be reached. */
export interface Row {
  readonly what: string;
  readonly oursMs: number;
  readonly peer: string | null;
  readonly peerMs: number | null;
  /** ours / peer; null without a peer. */
  readonly ratio: number | null;
  /** Highest ratio, or highest milliseconds where there is no peer, that counts as reached. */
  readonly limit: number;
  readonly runs: number;
  /** The most memory that our own process needed, where it was looked at. */
  readonly peakMegabytes?: number;
}

export interface BenchCase {
  readonly name: string;
  /** Runs only when it is named. */
  readonly optIn?: boolean;
  run(directory: string, runs: number): Promise<readonly Row[]>;
}

export function versus(row: Omit<Row, 'ratio'> & { peerMs: number }): Row {
  return { ...row, ratio: row.oursMs / row.peerMs };
}

export function absolute(row: Pick<Row, 'what' | 'oursMs' | 'limit' | 'runs'>): Row {
  return { ...row, peer: null, peerMs: null, ratio: null };
}
