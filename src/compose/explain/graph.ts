import { fromBuffer, toText } from '../../formats/bytes/index.ts';
import { fieldValue, parseRelations, parseStanzas, requiredValue } from '../../formats/deb822/index.ts';

/** How one package needs another: the field, and the words of the dependency. */
export interface Need {
  /** `NAME:ARCH` of the package that is needed. */
  readonly key: string;
  readonly field: 'Pre-Depends' | 'Depends' | 'Recommends';
  readonly text: string;
}

/** An installed package with what of it that is installed it needs. */
export interface InstalledNode {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  readonly needs: readonly Need[];
}

const FIELDS = ['Pre-Depends', 'Depends', 'Recommends'] as const;
const ONLY = ['Package', 'Status', 'Architecture', 'Version', 'Provides', ...FIELDS];

/**
 * The installed packages of a dpkg status file by `NAME:ARCH`, with their dependencies on each other. Versions are not looked
 * at: apt has done that. Of alternatives each that is installed counts.
 */
export function dependencyGraph(status: Buffer): Map<string, InstalledNode> {
  const stanzas = [...parseStanzas(status, { only: ONLY })].filter(stanza =>
    / installed$/.test(toText(requiredValue(stanza, 'Status'))),
  );
  const text = (stanza: (typeof stanzas)[number], field: string) =>
    toText(fieldValue(stanza, field) ?? fromBuffer(Buffer.alloc(0)));
  const keyOf = (stanza: (typeof stanzas)[number]) =>
    `${text(stanza, 'Package')}:${text(stanza, 'Architecture')}`;
  const providers = new Map<string, string[]>();
  for (const stanza of stanzas) {
    const provided = parseRelations(text(stanza, 'Provides')).flatMap(([one]) => one?.name ?? []);
    for (const name of new Set([text(stanza, 'Package'), ...provided]))
      providers.set(name, [...(providers.get(name) ?? []), keyOf(stanza)]);
  }
  const needsOf = (stanza: (typeof stanzas)[number]): Need[] =>
    FIELDS.flatMap(field =>
      parseRelations(text(stanza, field)).flatMap(alternatives =>
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
    stanzas.map(stanza => [
      keyOf(stanza),
      {
        name: text(stanza, 'Package'),
        architecture: text(stanza, 'Architecture'),
        version: text(stanza, 'Version'),
        needs: needsOf(stanza),
      },
    ]),
  );
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
