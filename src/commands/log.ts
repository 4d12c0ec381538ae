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
    /** The machine did it by itself, at boot or shutdown. */
    readonly internal: boolean;
  })[];
  /** Text has what the machine did by itself, too. */
  readonly all: boolean;
}

/** What services of the machine call; people do not, and need not see it unless it failed. */
const INTERNAL_VERBS: readonly string[] = ['confirm', 'finalize', 'finalize --at-boot'];

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const limit = args.integer('lines', { min: 1, max: 100_000 });
    const transactions = listTransactions(app, limit).map(({ startedMs, durationMs, ...rest }) => ({
      ...rest,
      time: startedMs === undefined ? null : new Date(startedMs).toISOString(),
      durationMs: durationMs ?? null,
      deployment: text(rest.summary['deployment']) ?? null,
      internal: INTERNAL_VERBS.includes(rest.verb),
    }));
    return { schema: 1, transactions, all: args.flag('all') };
  },
  toJson: ({ schema, transactions }) => ({ schema, transactions }),
  render({ transactions, all }, style) {
    if (transactions.length === 0) return 'Nothing was done here yet.\n';
    const columns = [
      { title: 'TIME' },
      { title: 'RESULT' },
      { title: 'DURATION', align: 'right' as const },
      { title: 'DEPLOYMENT' },
      { title: 'COMMAND', shrinks: true },
    ];
    const shown = transactions.filter(one => all || !one.internal || one.result !== 'done');
    if (shown.length === 0) return 'Nothing but what the machine does by itself; see --all.\n';
    const rows = shown.map(one => [
      one.time === null ? '?' : formatDate(new Date(one.time)),
      resultText(one, style),
      one.durationMs === null ? '' : formatDuration(one.durationMs),
      one.deployment ?? '',
      one.commandLine,
    ]);
    return table(columns, rows, style);
  },
};

/** A failure with the code of its error. */
function resultText({ result, summary }: Result['transactions'][number], style: TextStyle): string {
  switch (result) {
    case 'done':
      return summary['forcedPolicy'] === undefined
        ? style.green(result)
        : style.yellow('done (rules forced)');
    case 'failed': {
      const code = text(summary['code']);
      return style.red(code === undefined ? result : `${result} (${code})`);
    }
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
