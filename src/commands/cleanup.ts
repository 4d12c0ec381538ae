import { type Cleanup, cleanup, hasStore, KEEP_DEFAULT, previewCleanup } from '../deployment/index.ts';
import type { CommandImplementation } from './definition.ts';
import { inTransaction } from './deployment-change.ts';
import { formatCount, formatSize } from './text/index.ts';

interface Result {
  readonly dryRun: boolean;
  /** Ids of deployments. */
  readonly removed: readonly string[];
  readonly kept: readonly string[];
  /** Build results that went. */
  readonly refs: readonly string[];
  readonly objects: number;
  readonly images: number;
  readonly bytes: number;
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const keep = args.integer('keep', { min: 0, max: 10_000 }) ?? KEEP_DEFAULT;
    const { dryRun } = app.globals;
    // Where there is nothing to clean, nothing is to be made either.
    const done =
      dryRun || !hasStore(app)
        ? previewCleanup(app, keep)
        : await inTransaction<Cleanup>(app, {
            verb: 'cleanup',
            apply: transaction => cleanup(transaction, keep),
            summarize: ({ removed, pruned }) => ({ removed: removed.map(one => one.id), ...pruned }),
          });
    const ids = (list: Cleanup['kept']) => list.map(one => one.id);
    return {
      dryRun,
      removed: ids(done.removed),
      kept: ids(done.kept),
      refs: done.refs,
      ...done.pruned,
    };
  },
  render(result) {
    const lines = result.removed.map(id => `${result.dryRun ? 'Would remove' : 'Removed'} ${id}`);
    const what = `${formatCount(result.objects, 'object')} (${formatSize(result.bytes)})`;
    lines.push(
      `${result.dryRun ? 'Would free' : 'Freed'} ${what}; ${formatCount(result.kept.length, 'deployment')} kept.`,
    );
    return `${lines.join('\n')}\n`;
  },
};
