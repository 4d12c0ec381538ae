import { parse } from 'yaml';
import { publicArgument } from '../../boot/index.ts';
import type { RedactedOrigin } from '../../deployment/index.ts';
import { AptLayerError, assertNever } from '../../errors/index.ts';
import { isObject, type JsonObject, publicAddress } from '../../transaction/index.ts';
import { type Lock, lockedKey, parseLock } from '../lock/index.ts';
import { OPEN_MAPS, PUBLIC_KEYS, type Showing } from './spec-keys.ts';

/** What anybody may read of the texts of a deployment's spec and lock. Never throws: what cannot be read has nothing to show. */
export function publicOrigin(texts: {
  readonly specText: string;
  readonly lockText: string;
}): RedactedOrigin {
  const lock = readableLock(texts.lockText);
  // What a layer brings is in the place of what the base has.
  const packages = [...(lock?.base.packages ?? []), ...(lock?.packages ?? [])];
  return {
    spec: publicSpec(texts.specText),
    lock: lock === undefined ? undefined : publicLock(lock),
    addresses: new Map(packages.map(one => [lockedKey(one), one.uri])),
  };
}

function publicSpec(text: string): JsonObject | undefined {
  let spec: unknown;
  try {
    spec = parse(text, { prettyErrors: false });
  } catch {
    // Whatever a damaged spec does to the reader of YAML: it is not shown.
    return undefined;
  }
  const shown = publicValue('', spec);
  return isObject(shown) ? shown : undefined;
}

/** Undefined for what has nothing to show. Maps in lists stay, so that each entry is counted. */
function publicValue(path: string, value: unknown): unknown {
  const below = (key: string) => (path === '' ? key : `${path}.${key}`);
  if (Array.isArray(value)) {
    const list = value.map((one: unknown) => publicValue(below('*'), one)).filter(one => one !== undefined);
    return list.length > 0 ? list : undefined;
  }
  if (isObject(value)) {
    const entries = Object.entries(value).flatMap(([key, one]) => {
      const shown = publicValue(below(OPEN_MAPS.includes(path) ? '*' : key), one);
      return shown === undefined ? [] : [[key, shown] as const];
    });
    return entries.length > 0 || path === '' ? Object.fromEntries(entries) : undefined;
  }
  const showing = PUBLIC_KEYS.get(path);
  return showing === undefined || value === null ? undefined : shownAs(showing, value);
}

function shownAs(showing: Showing, value: unknown): unknown {
  if (typeof value !== 'string')
    return typeof value === 'boolean' || typeof value === 'number' ? value : undefined;
  switch (showing) {
    case 'whole':
      return value;
    case 'address':
      return publicAddress(value);
    case 'argument':
      return publicArgument(value);
    case 'question':
      return value
        .trim()
        .split(/[ \t]+/)
        .slice(0, 3)
        .join(' ');
    default:
      return assertNever(showing);
  }
}

/** Without the digests of inputs: by one of them a short secret could be guessed. */
function publicLock({ base, packages, users, groups }: Lock): JsonObject {
  return {
    base: { request: publicAddress(base.request), digest: base.digest },
    packages: packages.map(one => ({ ...one, uri: publicAddress(one.uri) })),
    ...(users === undefined ? {} : { users }),
    ...(groups === undefined ? {} : { groups }),
  };
}

function readableLock(text: string): Lock | undefined {
  try {
    return parseLock(text, 'lock.json');
  } catch (error) {
    if (!(error instanceof AptLayerError)) throw error;
    return undefined;
  }
}
