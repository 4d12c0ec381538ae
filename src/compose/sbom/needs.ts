import type { dependencyGraph } from '../explain/index.ts';

type Graph = ReturnType<typeof dependencyGraph>;

/**
 * The packages that each package needs, by `Pre-Depends` and `Depends`: sorted, each once. Where packages of several architectures could be
 * meant, those of its own are, or of `all`; of alternatives, all that are there.
 */
export function neededBy(graph: Graph): (key: string) => string[] {
  const architectureOf = (key: string) => graph.get(key)?.architecture ?? '';
  const native = [...graph.values()].find(({ name }) => name === 'dpkg')?.architecture;
  return key => {
    const own = architectureOf(key) === 'all' ? native : architectureOf(key);
    const isOwn = (other: string) => [own, 'all'].includes(architectureOf(other));
    const needs = (graph.get(key)?.needs ?? []).filter(({ field }) => field !== 'Recommends');
    const settled = new Set(needs.filter(need => isOwn(need.key)).map(({ text }) => text));
    const found = needs.filter(need => isOwn(need.key) || !settled.has(need.text));
    return [...new Set(found.map(need => need.key))].filter(other => other !== key).sort();
  };
}
