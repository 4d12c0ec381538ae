import { listTransactions, type PastTransaction } from '../transaction/index.ts';
import type { CommandImplementation } from './definition.ts';
import { formatDate, formatDuration, type TextStyle, table } from './text/index.ts';

interface Result {
  readonly schema: number;
  readonly transactions: readonly (Omit<PastTransaction, 'startedMs' | 'durationMs'> & {
    /** RFC 3339; null when the journal does not say. */
    readonly time: string | null;
    readonly durationMs: number | null;
    /** The deployment that it made or chose. */
    readonly deployment: string | null;
  })[];
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const limit = args.integer('lines', { min: 1, max: 100_000 });
    const transactions = listTransactions(app, limit).map(({ startedMs, durationMs, ...rest }) => ({
      ...rest,
      time: startedMs === undefined ? null : new Date(startedMs).toISOString(),
      durationMs: durationMs ?? null,
      deployment: text(rest.summary['deployment']) ?? null,
    }));
    return { schema: 1, transactions };
  },
  render({ transactions }, style) {
    if (transactions.length === 0) return 'Nothing was done here yet.\n';
    const columns = [
      { title: 'TIME' },
      { title: 'RESULT' },
      { title: 'DURATION', align: 'right' as const },
      { title: 'COMMAND', shrinks: true },
      { title: 'DEPLOYMENT' },
    ];
    const rows = transactions.map(one => [
      one.time === null ? '?' : formatDate(new Date(one.time)),
      resultText(one, style),
      one.durationMs === null ? '' : formatDuration(one.durationMs),
      one.commandLine,
      one.deployment ?? text(one.summary['code']) ?? '',
    ]);
    return table(columns, rows, style);
  },
};

function resultText({ result }: Result['transactions'][number], style: TextStyle): string {
  switch (result) {
    case 'done':
      return style.green(result);
    case 'failed':
    case 'unreadable':
      return style.red(result);
    case 'interrupted':
    case 'rolled-back':
    case 'running':
      return style.yellow(result);
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
