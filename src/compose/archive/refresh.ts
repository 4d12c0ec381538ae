import type { SourceLists, SourceUpdate } from '../../apt/index.ts';
import { ensureFresh, knownSources, listsAge, publishLists, refreshLists } from '../../layer/index.ts';
import { type Sysroot, withTransaction } from '../../transaction/index.ts';
import { refreshBase } from '../build/index.ts';
import { buildContext, currentOrigin } from '../change/index.ts';
import { parseSpec } from '../spec/index.ts';
import { currentImage, type LookupOptions, withCurrentArchive } from './current.ts';

/** A source of the first deployment. */
export interface SourceReport extends SourceLists {
  /** `kept`: nothing was asked, since its lists are recent, or because nothing was to be changed. */
  readonly state: SourceUpdate['state'] | 'kept';
  readonly bytes: number;
}

export interface RefreshResult {
  /** Whether the archives were asked. */
  readonly refreshed: boolean;
  /** Seconds since the lists were fetched, before this; null when they never were. */
  readonly ageSeconds: number | null;
  readonly sources: readonly SourceReport[];
}

/**
 * Fetches the package lists of the first deployment's sources, and of those that its base is made from, when they are
 * older than builds take them, or always (`metadata.refresh`). Throws NETWORK or SIGNATURE when one of them fails.
 */
export function refreshSources(
  at: Sysroot,
  options: LookupOptions & { readonly dryRun: boolean },
): Promise<RefreshResult> {
  const { verb, commandLine, waitSeconds, metadata } = options;
  if (options.dryRun)
    return withCurrentArchive(at, options, async (context, image) => ({
      refreshed: false,
      ageSeconds: (await listsAge(context, image)) ?? null,
      sources: reports(await knownSources(context, image), []),
    }));
  return withTransaction(at, { verb, commandLine, wait: waitSeconds }, async transaction => {
    const context = buildContext(transaction);
    const image = currentImage(transaction, context.store, metadata);
    const { id, specText } = currentOrigin(transaction);
    const age = await listsAge(context, image);
    let updates: SourceUpdate[] | undefined;
    await ensureFresh(transaction.host.report, metadata, {
      of: 'this deployment',
      age,
      async refresh() {
        await refreshBase(context, parseSpec(specText, `${id}/spec.yaml`));
        updates = await refreshLists(context, image);
      },
    });
    if (updates === undefined) await publishLists(context, image);
    return {
      refreshed: updates !== undefined,
      ageSeconds: age ?? null,
      sources: reports(await knownSources(context, image), updates ?? []),
    };
  });
}

/** Sources that have no packages have no lists, but were asked all the same. */
function reports(sources: readonly SourceLists[], updates: readonly SourceUpdate[]): SourceReport[] {
  const keyOf = ({ uri, suite }: { uri: string; suite: string }) => `${uri} ${suite}`;
  const known = new Map(sources.map(source => [keyOf(source), source]));
  const asked = new Map(updates.map(update => [keyOf(update), update]));
  return [...new Set([...known.keys(), ...asked.keys()])].map(key => {
    const [uri = '', suite = ''] = key.split(' ');
    const { label = '', codename = '' } = known.get(key) ?? {};
    const { state = 'kept', bytes = 0 } = asked.get(key) ?? {};
    return { uri, suite, label, codename, state, bytes };
  });
}
