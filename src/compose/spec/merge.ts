import { checkPackageRequest, packageKey } from './package-request.ts';
import type { PlainMap, PlainValue } from './values.ts';

/** The values of a spec file, checked. */
export type Merged = PlainMap;

/** What makes two entries of a list the same, where it is not the whole entry. */
const IDENTITY: Readonly<Record<string, (entry: PlainValue) => string>> = {
  layers: entry => layerKey(isMap(entry) ? entry['package'] : entry),
  files: entry => field(entry, 'path'),
  repositories: entry => field(entry, 'name'),
  overrides: entry => field(entry, 'package'),
  users: entry => field(entry, 'name'),
  groups: entry => field(entry, 'name'),
  scripts: entry => field(entry, 'name'),
  debconf: entry =>
    isMap(entry)
      ? `${field(entry, 'package')} ${field(entry, 'question')}`
      : String(entry)
          .split(/[ \t]+/, 2)
          .join(' '),
};

/**
 * What a spec makes of one that it includes: its own scalars win, maps are merged key by key, lists are joined with those of
 * the included file first; an entry about the same thing (a package, a path, a name) takes the place of the
 * included one. What it removes, or does to a unit, also undoes what the included file asks for.
 */
export function mergeSpecs(included: Merged, own: Merged): Merged {
  return mergeMaps(withoutUndone(included, own), own, '');
}

function mergeMaps(included: PlainMap, own: PlainMap, at: string): PlainMap {
  const result: Record<string, PlainValue> = { ...included };
  for (const [key, value] of Object.entries(own)) {
    const before = result[key];
    const path = at === '' ? key : `${at}.${key}`;
    if (isMap(before) && isMap(value)) result[key] = mergeMaps(before, value, path);
    else if (Array.isArray(before) && Array.isArray(value)) result[key] = mergeLists(before, value, path);
    else result[key] = value;
  }
  return result;
}

function mergeLists(
  included: readonly PlainValue[],
  own: readonly PlainValue[],
  path: string,
): readonly PlainValue[] {
  const identity = IDENTITY[path] ?? ((entry: PlainValue) => JSON.stringify(entry));
  const replacing = new Map(own.map(entry => [identity(entry), entry]));
  const kept = included.map(entry => replacing.get(identity(entry)) ?? entry);
  const there = new Set(included.map(identity));
  return [...kept, ...own.filter(entry => !there.has(identity(entry)))];
}

/** The included values without what the own ones are the opposite of. */
function withoutUndone(included: Merged, own: Merged): Merged {
  const removed = new Set(
    [
      ...listAt(own, 'remove'),
      ...listAt(own, 'overrides').map(entry =>
        isMap(entry) && entry['remove'] === true ? entry['package'] : '',
      ),
    ].map(String),
  );
  const wanted = new Set(
    listAt(own, 'layers').map(entry => layerKey(isMap(entry) ? entry['package'] : entry)),
  );
  const services = isMap(included['services']) ? included['services'] : undefined;
  const verbs = isMap(own['services']) ? own['services'] : {};
  const undone: Record<string, PlainValue> = { ...included };
  if (included['layers'] !== undefined)
    undone['layers'] = listAt(included, 'layers').filter(
      entry => !removed.has(layerKey(isMap(entry) ? entry['package'] : entry).replace(/:.*/, '')),
    );
  if (included['remove'] !== undefined)
    undone['remove'] = listAt(included, 'remove').filter(name => !wanted.has(String(name)));
  if (services !== undefined)
    undone['services'] = Object.fromEntries(
      Object.entries(services).map(([verb, units]) => [
        verb,
        (Array.isArray(units) ? units : []).filter(unit => !isUnderOtherVerb(String(unit), verb, verbs)),
      ]),
    );
  return undone;
}

function isUnderOtherVerb(unit: string, verb: string, verbs: PlainMap): boolean {
  const bare = (name: PlainValue) => String(name).replace(/\.service$/, '');
  return Object.entries(verbs).some(
    ([other, units]) => other !== verb && Array.isArray(units) && units.map(bare).includes(bare(unit)),
  );
}

function listAt(map: PlainMap, key: string): readonly PlainValue[] {
  const value = map[key];
  return Array.isArray(value) ? value : [];
}

function isMap(value: PlainValue | undefined): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function field(entry: PlainValue, key: string): string {
  return isMap(entry) ? String(entry[key]) : '';
}

function layerKey(text: PlainValue | undefined): string {
  const checked = checkPackageRequest(String(text));
  return 'value' in checked ? packageKey(checked.value) : String(text);
}
