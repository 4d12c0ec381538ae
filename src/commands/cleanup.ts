import { type TrimmedCache, trimCache } from '../apt/index.ts';
import { readRetention } from '../compose/index.ts';
import {
  type Cleanup,
  cleanup,
  hasStore,
  isTrial,
  KEEP_DEFAULT,
  previewCleanup,
  retain,
} from '../deployment/index.ts';
import { AptLayerError } from '../errors/index.ts';
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
  /** Downloaded packages that went; bytes are theirs. */
  readonly cache: TrimmedCache;
}

/** What was or would be done, and what of the cache went. */
type Done = Cleanup & { readonly cache: TrimmedCache };

const NOTHING: TrimmedCache = { files: 0, bytes: 0 };

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const asked = args.integer('keep', { min: 0, max: 10_000 });
    const automatic = args.flag('automatic');
    if (automatic && asked !== undefined)
      throw new AptLayerError('USAGE', '--automatic and --keep contradict each other');
    const retention = readRetention(app.host);
    const keep = asked ?? (automatic ? retention.deployments : KEEP_DEFAULT);
    const { dryRun } = app.globals;
    // Where there is nothing to clean, nothing is to be made either. What is on trial may yet need all that is there.
    if (automatic && (await isTrial(app))) return untouched(dryRun);
    const done: Done =
      dryRun || !hasStore(app)
        ? { ...previewCleanup(app, keep), cache: NOTHING }
        : await inTransaction<Done>(app, {
            verb: 'cleanup',
            apply: async transaction =>
              automatic
                ? retain(transaction, retention)
                : {
                    ...(await cleanup(transaction, keep)),
                    cache: trimCache(app.host, app.sysroot, retention.cacheBytes),
                  },
            summarize: ({ removed, pruned }) => ({ removed: removed.map(one => one.id), ...pruned }),
          });
    const ids = (list: Cleanup['kept']) => list.map(one => one.id);
    return {
      dryRun,
      removed: ids(done.removed),
      kept: ids(done.kept),
      refs: done.refs,
      ...done.pruned,
      cache: done.cache,
    };
  },
  render(result) {
    const lines = result.removed.map(id => `${result.dryRun ? 'Would remove' : 'Removed'} ${id}`);
    const what = `${formatCount(result.objects, 'object')} (${formatSize(result.bytes)})`;
    lines.push(
      `${result.dryRun ? 'Would free' : 'Freed'} ${what}; ${formatCount(result.kept.length, 'deployment')} kept.`,
    );
    if (result.cache.files > 0)
      lines.push(
        `Removed ${formatCount(result.cache.files, 'downloaded package')} (${formatSize(result.cache.bytes)}).`,
      );
    return `${lines.join('\n')}\n`;
  },
};

function untouched(dryRun: boolean): Result {
  return { dryRun, removed: [], kept: [], refs: [], objects: 0, images: 0, bytes: 0, cache: NOTHING };
}
