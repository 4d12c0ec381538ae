import type { PackageRecord } from '../../apt/index.ts';
import { parseRelations } from '../../formats/deb822/index.ts';

/** How one package needs another: the field, and the words of the dependency. */
export interface Need {
  /** `NAME:ARCH` of the package that is needed. */
  readonly key: string;
  readonly field: 'Pre-Depends' | 'Depends' | 'Recommends';
  readonly text: string;
}

/** What the graph is made from. */
type Installed = Pick<PackageRecord, 'name' | 'architecture' | 'version' | 'relations'>;

/** An installed package with what of it that is installed it needs. */
export interface InstalledNode {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  readonly needs: readonly Need[];
}

const FIELDS = ['Pre-Depends', 'Depends', 'Recommends'] as const;

/**
 * The packages of a system by `NAME:ARCH`, with their dependencies on each other. Versions are not looked at: apt has done that. Of
 * alternatives each that is there counts.
 */
export function dependencyGraph(packages: Iterable<Installed>): Map<string, InstalledNode> {
  const all = [...packages];
  const providers = new Map<string, string[]>();
  for (const one of all) {
    const provided = parseRelations(one.relations['Provides'] ?? '').flatMap(([first]) => first?.name ?? []);
    for (const name of new Set([one.name, ...provided]))
      providers.set(name, [...(providers.get(name) ?? []), keyOf(one)]);
  }
  const needsOf = ({ relations }: Installed): Need[] =>
    FIELDS.flatMap(field =>
      parseRelations(relations[field] ?? '').flatMap(alternatives =>
        alternatives.flatMap(relation =>
          (providers.get(relation.name) ?? []).map(key => ({
            key,
            field,
            text:
              relation.version === undefined
                ? relation.name
                : `${relation.name} (${relation.version.operator} ${relation.version.version})`,
          })),
        ),
      ),
    );
  return new Map(
    all.map(one => [
      keyOf(one),
      { name: one.name, architecture: one.architecture, version: one.version, needs: needsOf(one) },
    ]),
  );
}

function keyOf({ name, architecture }: { readonly name: string; readonly architecture: string }): string {
  return `${name}:${architecture}`;
}

/** A way from one package to another, each step with what it needs the next for. */
export type Path = readonly { readonly key: string; readonly need?: Need }[];

/** A shortest way from `from` to `to`; undefined when there is none. Stronger fields are preferred. */
export function shortestPath(
  graph: ReadonlyMap<string, InstalledNode>,
  from: string,
  to: string,
): Path | undefined {
  const cameBy = new Map<string, { key: string; need: Need } | undefined>([[from, undefined]]);
  const queue = [from];
  for (let key = queue.shift(); key !== undefined && key !== to; key = queue.shift())
    for (const need of graph.get(key)?.needs ?? [])
      if (!cameBy.has(need.key)) {
        cameBy.set(need.key, { key, need });
        queue.push(need.key);
      }
  if (!cameBy.has(to)) return undefined;
  const path: { key: string; need?: Need }[] = [{ key: to }];
  for (let step = cameBy.get(to); step !== undefined; step = cameBy.get(step.key)) path.unshift(step);
  return path;
}
