import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { AptLayerError } from '../../errors/index.ts';
import type { Lock, LockedBase, LockedPackage } from './model.ts';
import { type baseSchema, lockSchema, versionSchema } from './schema.ts';
import { assertStages, hasStages, stageOf } from './stages.ts';

/**
 * The newest that is read. What a lock does not have is not asked of its readers: with all packages in one stage it is of version 2, and without
 * the keys that are new in that, of version 1.
 */
const LOCK_VERSION = 3;
/** A lock of 60,000 packages has about 20 MiB. */
const MAX_LOCK_BYTES = 64 * 1024 * 1024;
const MAX_REPORTED = 20;
const HINT_BROKEN = 'write a new one with `apt-layer compose lock`, or take the file from version control';

/**
 * Reads a lock file. `file` is its name for messages. Throws CONFIG_INVALID for anything that is not a lock of
 * version 1 to 3; `details.errors` has path and reason of each mistake, the first 20.
 */
export function parseLock(text: Buffer | string, file: string): Lock {
  const json = parseJson(text, file);
  const version = versionSchema.safeParse(json);
  if (!version.success) throw invalid(file, version.error.issues);
  if (version.data.version > LOCK_VERSION)
    throw new AptLayerError(
      'CONFIG_INVALID',
      `${file}: a newer apt-layer wrote this lock (version ${version.data.version})`,
      {
        hint: `use that version of apt-layer; this one reads versions up to ${LOCK_VERSION}`,
        details: { file, version: version.data.version },
      },
    );
  const result = lockSchema.safeParse(json);
  if (!result.success) throw invalid(file, result.error.issues);
  const { 'generated-by': generatedBy, packages, ...rest } = result.data;
  const { users, groups, base, inputs, removed } = rest;
  assertStages(packages, { file, hint: HINT_BROKEN, removed });
  return {
    ...(generatedBy === undefined ? {} : { generatedBy }),
    base: parsedBase(base, file),
    packages: sortedPackages(packages, file),
    ...(removed === undefined ? {} : { removed }),
    ...('expired' in rest && rest.expired !== undefined && { expired: rest.expired }),
    ...(users === undefined ? {} : { users }),
    ...(groups === undefined ? {} : { groups }),
    ...(inputs === undefined ? {} : { inputs }),
  };
}

/** The one text of a lock: fixed key order, packages by name and architecture, a line feed at the end. */
export function serializeLock(lock: Lock): string {
  const packages = packageEntries(lock.packages);
  const file = {
    version: versionOf(lock),
    'generated-by': lock.generatedBy,
    base: baseEntry(lock.base),
    packages: hasStages(packages) ? packages.map(one => ({ ...one, stage: stageOf(one) })) : packages,
    removed: lock.removed,
    expired: lock.expired,
    users: byKey(lock.users),
    groups: byKey(lock.groups),
    inputs: byKey(lock.inputs),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** The oldest that has all of it. */
function versionOf({ base, expired, packages }: Lock): 1 | 2 | 3 {
  if (hasStages(packages)) return 3;
  const isOld = [
    base.manifest,
    base.check,
    base.context,
    base.packages,
    base.settings,
    base.expired,
    expired,
  ].every(one => one === undefined);
  return isOld && packages.every(one => one.network === undefined) ? 1 : 2;
}

function parsedBase(
  { request, digest, ...rest }: z.infer<typeof lockSchema>['base'],
  file: string,
): LockedBase {
  const { manifest, check, context, packages, expired, settings }: Partial<z.infer<typeof baseSchema>> = rest;
  return {
    ...{ request, digest },
    ...(manifest !== undefined && { manifest }),
    ...(check !== undefined && { check }),
    ...(context !== undefined && { context }),
    ...(settings !== undefined && { settings }),
    ...(packages !== undefined && { packages: sortedPackages(packages, file) }),
    ...(expired !== undefined && { expired }),
  };
}

function baseEntry({ request, digest, settings, manifest, check, context, packages, expired }: LockedBase) {
  return {
    ...{ request, digest },
    ...(manifest !== undefined && { manifest }),
    ...(check !== undefined && { check }),
    ...(context !== undefined && { context }),
    ...(settings !== undefined && { settings }),
    ...(packages !== undefined && { packages: packageEntries(packages) }),
    ...(expired !== undefined && { expired }),
  };
}

function packageEntries(packages: readonly LockedPackage[]): LockedPackage[] {
  return sortedPackages(packages, 'lock').map(
    ({ name, architecture, version, sha256, size, uri, requested, network, stage }) => ({
      name,
      architecture,
      version,
      sha256,
      size,
      uri,
      requested,
      network,
      stage: stage === 1 ? undefined : stage,
    }),
  );
}

/** Names a package within a lock. */
export function lockedKey(entry: Pick<LockedPackage, 'name' | 'architecture'>): string {
  return `${entry.name}:${entry.architecture}`;
}

/** Packages by name and architecture: in the order in which they are installed as well. */
export function inLockOrder<T extends Pick<LockedPackage, 'name' | 'architecture'>>(
  packages: readonly T[],
): T[] {
  return packages.toSorted(
    (a, b) => compareText(a.name, b.name) || compareText(a.architecture, b.architecture),
  );
}

function parseJson(text: Buffer | string, file: string): unknown {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const fail = (reason: string, cause?: unknown) =>
    new AptLayerError('CONFIG_INVALID', `${file}: ${reason}`, {
      hint: HINT_BROKEN,
      details: { file },
      cause,
    });
  if (bytes.length > MAX_LOCK_BYTES)
    throw fail(`the lock has ${bytes.length} bytes; ${MAX_LOCK_BYTES} at most are read`);
  if (!isUtf8(bytes)) throw fail('the lock is not UTF-8 text');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    // Deep nesting overflows the stack of the parser, which is a RangeError.
    if (error instanceof SyntaxError || error instanceof RangeError)
      throw fail('the lock is not JSON', error);
    throw error;
  }
}

function sortedPackages(packages: readonly LockedPackage[], file: string): readonly LockedPackage[] {
  const sorted = inLockOrder(packages);
  for (const [index, entry] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next !== undefined && lockedKey(next) === lockedKey(entry))
      throw new AptLayerError('CONFIG_INVALID', `${file}: ${lockedKey(entry)} is locked twice`, {
        hint: HINT_BROKEN,
      });
  }
  return sorted;
}

function byKey<T>(record: Readonly<Record<string, T>> | undefined): Readonly<Record<string, T>> | undefined {
  if (record === undefined) return undefined;
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => compareText(a, b)));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function invalid(file: string, issues: readonly z.core.$ZodIssue[]): AptLayerError {
  const errors = issues.slice(0, MAX_REPORTED).map(issue => ({
    path: issue.path.map(String).join('.'),
    reason: issue.message,
  }));
  const lines = errors.map(({ path, reason }) => `${file}: ${path === '' ? '' : `${path}: `}${reason}`);
  if (issues.length > errors.length) lines.push(`and ${issues.length - errors.length} more`);
  return new AptLayerError('CONFIG_INVALID', lines.join('\n'), {
    hint: HINT_BROKEN,
    details: { file, errors },
  });
}
