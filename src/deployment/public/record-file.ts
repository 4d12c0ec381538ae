import { RELATIONS } from '../../apt/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { isObject, type JsonObject, parseStateFile } from '../../transaction/index.ts';
import type { Distribution } from '../../vulnerabilities/index.ts';
import type { KernelArgument } from '../kernel-arguments.ts';
import { deploymentOf } from '../record.ts';
import type { PublicRecord, RecordedPackage } from './model.ts';

/** Version of `public.json`. Unknown keys are ignored; a change that old readers would misread raises it. */
const VERSION = 1;

/** A record of 60,000 packages has about 40 MiB. */
export const PUBLIC_MAX_BYTES = 64 * 1024 * 1024;

/** The text of `public.json`: a line for each package. */
export function serializePublic(record: PublicRecord): string {
  const { packages, ...rest } = record;
  const head = JSON.stringify({
    version: VERSION,
    ...rest,
    spec: rest.spec ?? null,
    lock: rest.lock ?? null,
  });
  const lines = packages?.map(one => JSON.stringify(one)).join(',\n');
  return `${head.slice(0, -1)},\n"packages":${lines === undefined ? 'null' : `[\n${lines}]`}}\n`;
}

/** Reads a `public.json` of any content; CONFIG_INVALID naming `path` and the key that is wrong. */
export function parsePublic(path: string, data: Buffer): PublicRecord {
  const file = parseStateFile(path, data);
  if (file['version'] !== VERSION)
    throw new AptLayerError(
      'CONFIG_INVALID',
      `${path} has the unknown version ${JSON.stringify(file['version'])}`,
      {
        hint: 'use the version of apt-layer that wrote it',
      },
    );
  const { deployment, packages } = file;
  if (!isObject(deployment)) throw wrong(path, 'deployment');
  return {
    deployment: deploymentOf(path, deployment),
    spec: objectOrNull(path, file, 'spec'),
    lock: objectOrNull(path, file, 'lock'),
    kernelArguments: listOf(path, 'kernelArguments', file['kernelArguments'], argumentOf),
    distribution: distributionIn(file['distribution']),
    packages: packages === null ? undefined : listOf(path, 'packages', packages, packageOf),
  };
}

function objectOrNull(path: string, file: JsonObject, key: string): JsonObject | undefined {
  const value = file[key];
  if (value === null) return undefined;
  if (!isObject(value)) throw wrong(path, key);
  return value;
}

function listOf<T>(path: string, key: string, value: unknown, read: (one: JsonObject) => T | undefined): T[] {
  if (!Array.isArray(value)) throw wrong(path, key);
  return value.map((one: unknown, index) => {
    const found = isObject(one) ? read(one) : undefined;
    if (found === undefined) throw wrong(path, `${key}.${index}`);
    return found;
  });
}

function argumentOf({ argument, owner }: JsonObject): KernelArgument | undefined {
  return typeof argument === 'string' && typeof owner === 'string' ? { argument, owner } : undefined;
}

const TEXTS = [
  'name',
  'architecture',
  'version',
  'source',
  'sourceVersion',
  'section',
  'summary',
  'origin',
] as const;
/** What older programs did not record. */
const NEWER_TEXTS = ['maintainer', 'declaredVendor', 'vendor'] as const;

function packageOf(one: JsonObject): RecordedPackage | undefined {
  const { installedBytes, isInBase, relations } = one;
  if (TEXTS.some(key => typeof one[key] !== 'string') || typeof isInBase !== 'boolean') return undefined;
  if (!Number.isSafeInteger(installedBytes) || !isObject(relations)) return undefined;
  const texts = Object.fromEntries(TEXTS.map(key => [key, one[key]])) as Record<
    (typeof TEXTS)[number],
    string
  >;
  const kept = RELATIONS.flatMap(field =>
    typeof relations[field] === 'string' ? [[field, relations[field]]] : [],
  );
  return {
    ...texts,
    ...(Object.fromEntries(
      NEWER_TEXTS.map(key => [key, typeof one[key] === 'string' ? one[key] : '']),
    ) as Record<(typeof NEWER_TEXTS)[number], string>),
    installedBytes: installedBytes as number,
    isInBase,
    relations: Object.fromEntries(kept) as RecordedPackage['relations'],
  };
}

function distributionIn(value: unknown): Distribution | undefined {
  if (!isObject(value)) return undefined;
  const { id, codename, version } = value;
  return typeof id === 'string' && typeof codename === 'string' && typeof version === 'string'
    ? { id, codename, version }
    : undefined;
}

function wrong(path: string, key: string): AptLayerError {
  return new AptLayerError('CONFIG_INVALID', `${path}: ${key} is missing or not as it should be`, {
    hint: 'remove it: the next change that root makes writes it again',
  });
}
