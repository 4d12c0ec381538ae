import { checkUnitName } from './names.ts';
import { checkPackageRequest, packageKey } from './package-request.ts';
import type { PlainMap, PlainValue } from './values.ts';

/** The values of a spec file, checked. */
export type Merged = PlainMap;

/** What makes two entries of a list the same, where it is not the whole entry. */
const IDENTITY: Readonly<Record<string, (entry: PlainValue) => string>> = {
  layers: layerKey,
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
  'multi-arch.packages': entry =>
    isMap(entry) ? [entry['package'], entry['architecture'] ?? []].flat().join(':') : String(entry),
  'security.vulnerabilities.except': entry => field(entry, 'cve'),
  'services.enable': unitKey,
  'services.disable': unitKey,
  'services.mask': unitKey,
};

/**
 * What a spec makes of one that it includes: its own scalars win, maps are merged key by key, lists are joined with those of
 * the included file first; an entry about the same thing (a package, a path, a name) takes the place of the
 * included one. What it asks for also undoes the opposite in the included file: `remove` and a package that is wanted,
 * a unit under one verb and under another.
 */
export function mergeSpecs(included: Merged, own: Merged): Merged {
  return mergeMaps(withoutUndone(included, own), own, '');
}

function mergeMaps(included: PlainMap, own: PlainMap, at: string): PlainMap {
  const result: Record<string, PlainValue> = { ...included };
  for (const [key, value] of Object.entries(own)) {
    const before = result[key];
    const path = at === '' ? key : `${at}.${key}`;
    // Paths of a Containerfile belong together.
    if (path === 'base-image') result[key] = value;
    else if (isMap(before) && isMap(value)) result[key] = mergeMaps(before, value, path);
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
  const removed = new Set(listAt(own, 'remove').map(String));
  const overrides = listAt(own, 'overrides');
  const gone = new Set(overrides.filter(isRemoval).map(entry => field(entry, 'package')));
  const layers = listAt(own, 'layers').map(layerKey);
  const wanted = new Set([
    ...layers.map(bareName),
    ...overrides.filter(entry => !isRemoval(entry)).map(entry => field(entry, 'package')),
    ...listAt(own, 'holds').map(String),
  ]);
  const undone: Record<string, PlainValue> = { ...included };
  const keep = (key: string, isKept: (entry: PlainValue) => boolean): void => {
    if (included[key] !== undefined) undone[key] = listAt(included, key).filter(isKept);
  };
  keep('layers', entry => !removed.has(bareName(layerKey(entry))) && !gone.has(layerKey(entry)));
  keep('holds', entry => !removed.has(String(entry)));
  keep('remove', entry => !wanted.has(String(entry)));
  keep('overrides', entry =>
    isRemoval(entry) ? !layers.includes(field(entry, 'package')) : !removed.has(field(entry, 'package')),
  );
  const { services } = included;
  const verbs = isMap(own['services']) ? own['services'] : {};
  if (isMap(services))
    undone['services'] = Object.fromEntries(
      Object.entries(services).map(([verb, units]) => [
        verb,
        (Array.isArray(units) ? units : []).filter(unit => !isUnderOtherVerb(unit, verb, verbs)),
      ]),
    );
  return undone;
}

function isUnderOtherVerb(unit: PlainValue, verb: string, verbs: PlainMap): boolean {
  return Object.entries(verbs).some(
    ([other, units]) => other !== verb && Array.isArray(units) && units.map(unitKey).includes(unitKey(unit)),
  );
}

function isRemoval(override: PlainValue): boolean {
  return isMap(override) && override['remove'] === true;
}

function unitKey(unit: PlainValue): string {
  const checked = checkUnitName(String(unit));
  return 'value' in checked ? checked.value : String(unit);
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

function layerKey(entry: PlainValue): string {
  const text = String(isMap(entry) ? entry['package'] : entry);
  const checked = checkPackageRequest(text);
  return 'value' in checked ? packageKey(checked.value) : text;
}

/** The name without the architecture; paths and addresses, which are no names, stay different from any. */
function bareName(key: string): string {
  return key.includes('/') ? key : key.replace(/:.*/, '');
}
