import type { Pin, Spec } from '../spec/index.ts';

/** Above 1000 apt also goes back to an older version: apt_preferences(5). */
const IN_ANY_CASE = 1001;

/** The pins of a spec with those that its overrides amount to. */
export function pinsOf({ pins, overrides }: Spec): Pin[] {
  const own = overrides.flatMap((override): Pin[] => {
    const pin = (text: string): Pin => ({ packages: [override.package], pin: text, priority: IN_ANY_CASE });
    if (override.kind === 'version') return [pin(`version ${override.version}`)];
    // A suite has two names.
    if (override.kind === 'suite')
      return [pin(`release a=${override.suite}`), pin(`release n=${override.suite}`)];
    return [];
  });
  return [...pins, ...own];
}
