import { searchLists } from '../../layer/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { currentOrigin } from '../change/index.ts';
import { recordsIn } from '../packages/index.ts';
import { isDebRequest, packageKey, parseSpec } from '../spec/index.ts';
import { ensureCurrentLists, type LookupOptions, withCurrentArchive } from './current.ts';

/** A package that a search found. */
export interface FoundPackage {
  readonly name: string;
  readonly summary: string;
  /** The version in the first deployment; null when it is not there. */
  readonly installed: string | null;
  /** The spec of that deployment names it. */
  readonly layered: boolean;
  /** Where the words are: a name that is one of them comes first, and the summary alone last. */
  readonly match: 'exact' | 'name' | 'description';
}

/** Searches names and descriptions in the archives of the first deployment, best matches first. */
export function searchArchive(
  at: Sysroot,
  options: LookupOptions & { readonly words: readonly string[] },
): Promise<FoundPackage[]> {
  const { words } = options;
  const origin = currentOrigin(at);
  const { layers } = parseSpec(origin.specText, `${origin.id}/spec.yaml`);
  const layered = new Set(
    layers.filter(request => !isDebRequest(request)).map(request => packageKey(request).replace(/:.*$/, '')),
  );
  return withCurrentArchive(at, options, async (context, image) => {
    await ensureCurrentLists(context, image, options);
    const installed = new Map(
      [...recordsIn(context.store, image.tree).values()].map(one => [one.name, one.version]),
    );
    const hits = await searchLists(context, image, words);
    return hits
      .map(({ name, summary }) => ({
        name,
        summary,
        installed: installed.get(name) ?? null,
        layered: layered.has(name),
        match: matchOf(name, words),
      }))
      .sort((a, b) => ORDER.indexOf(a.match) - ORDER.indexOf(b.match) || (a.name < b.name ? -1 : 1));
  });
}

const ORDER: readonly FoundPackage['match'][] = ['exact', 'name', 'description'];

function matchOf(name: string, words: readonly string[]): FoundPackage['match'] {
  if (words.includes(name)) return 'exact';
  return words.every(word => name.includes(word.toLowerCase())) ? 'name' : 'description';
}
