import { AptLayerError } from '../errors/index.ts';
import { readImageCheck } from '../formats/image-check/index.ts';
import { isObject, type JsonObject, parseStateFile, stringArray } from '../transaction/index.ts';
import type { DeploymentRecord } from './model.ts';
import { isDeploymentId } from './name.ts';
import { STAGE_REFS } from './paths.ts';

/** Version of `deployment.json`. Unknown keys are ignored; a change that old readers would misread raises it. */
const VERSION = 1;

/** The text of `deployment.json`, which was read back: CONFIG_INVALID names what could not be. */
export function serializeDeployment(record: DeploymentRecord): string {
  const text = `${JSON.stringify({ version: VERSION, deployment: record }, undefined, 2)}\n`;
  parseDeployment('the record of this deployment', Buffer.from(text));
  return text;
}

/** Reads a `deployment.json` of any content; CONFIG_INVALID naming `path` and the key that is wrong. */
export function parseDeployment(path: string, data: Buffer): DeploymentRecord {
  const file = parseStateFile(path, data);
  if (file['version'] !== VERSION)
    throw new AptLayerError(
      'CONFIG_INVALID',
      `${path} has the unknown version ${JSON.stringify(file['version'])}`,
      {
        hint: 'use the version of apt-layer that wrote it',
      },
    );
  const value = file['deployment'];
  if (!isObject(value)) throw wrong(path, 'deployment');
  return deploymentOf(path, value);
}

/** The facts of a deployment in an object of any content; CONFIG_INVALID naming `path` and the key that is wrong. */
export function deploymentOf(path: string, value: JsonObject): DeploymentRecord {
  const read = reader(path, value);
  const record: DeploymentRecord = {
    id: read.matching('id', isDeploymentId),
    name: read.text('name'),
    createdSeconds: read.seconds('createdSeconds'),
    image: read.matching('image', isDigest),
    base: readBase(path, value['base']),
    version: value['version'] === undefined ? undefined : read.text('version'),
    requestedPackages: read.texts('requestedPackages'),
    requestedLocalPackages: read.texts('requestedLocalPackages'),
    baseRemovals: read.texts('baseRemovals'),
    baseReplacements: read.texts('baseReplacements'),
    packages: read.texts('packages'),
    expiredArchives: read.texts('expiredArchives'),
    packagesWithNetwork: read.texts('packagesWithNetwork'),
    kernelArguments: read.texts('kernelArguments'),
    labels: readLabels(path, value['labels'] ?? {}),
    verity: readVerity(path, value['verity'] ?? 'prefer'),
    warnings: readWarnings(path, value['warnings']),
    ...(value['forcedPolicy'] !== undefined && { forcedPolicy: readForced(path, value['forcedPolicy']) }),
    stages: readStages(path, value['stages'] ?? []),
    commandLine: read.text('commandLine'),
    transaction: read.text('transaction'),
  };
  // The name is a path component, so it must be the one that the id was checked for.
  if (!record.id.startsWith(`${record.name}-`)) throw wrong(path, 'name');
  return record;
}

function reader(path: string, value: JsonObject) {
  const text = (key: string): string => {
    const found = value[key];
    if (typeof found !== 'string') throw wrong(path, key);
    return found;
  };
  return {
    text,
    matching(key: string, accept: (text: string) => boolean): string {
      const found = text(key);
      if (!accept(found)) throw wrong(path, key);
      return found;
    },
    texts(key: string): readonly string[] {
      const found = stringArray(value[key] ?? []);
      if (found === undefined) throw wrong(path, key);
      return found;
    },
    seconds(key: string): number {
      const found = value[key];
      // 8.64e12 is the last second that a Date can hold.
      if (typeof found !== 'number' || !Number.isInteger(found) || Math.abs(found) > 8.64e12)
        throw wrong(path, key);
      return found;
    },
  };
}

function readBase(path: string, value: unknown): DeploymentRecord['base'] {
  if (value === undefined) return undefined;
  if (!isObject(value)) throw wrong(path, 'base');
  const { request, digest } = value;
  if (typeof request !== 'string') throw wrong(path, 'base.request');
  if (typeof digest !== 'string' || !isDigest(digest)) throw wrong(path, 'base.digest');
  const { manifest, check } = value;
  if (manifest !== undefined && typeof manifest !== 'string') throw wrong(path, 'base.manifest');
  const read = check === undefined ? undefined : readImageCheck(check);
  if (check !== undefined && read === undefined) throw wrong(path, 'base.check');
  return {
    ...{ request, digest },
    ...(manifest !== undefined && { manifest }),
    ...(read !== undefined && { check: read }),
  };
}

function readLabels(path: string, value: unknown): DeploymentRecord['labels'] {
  if (!isObject(value) || !Object.values(value).every(label => typeof label === 'string'))
    throw wrong(path, 'labels');
  return value as Record<string, string>;
}

function readWarnings(path: string, value: unknown): DeploymentRecord['warnings'] {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw wrong(path, 'warnings');
  return value.map((one: unknown) => {
    const { key, text } = isObject(one) ? one : {};
    if (typeof key !== 'string' || typeof text !== 'string') throw wrong(path, 'warnings');
    return { key, text };
  });
}

function readForced(path: string, value: unknown): DeploymentRecord['forcedPolicy'] {
  const { reason, uid, user, refused } = isObject(value) ? value : {};
  const list = stringArray(refused);
  if (
    typeof reason !== 'string' ||
    typeof user !== 'string' ||
    !Number.isSafeInteger(uid) ||
    list === undefined
  )
    throw wrong(path, 'forcedPolicy');
  return { reason, uid: Number(uid), user, refused: list };
}

function readStages(path: string, value: unknown): DeploymentRecord['stages'] {
  if (!Array.isArray(value)) throw wrong(path, 'stages');
  return value.map((one: unknown) => {
    const { ref, packages, warned, requested } = isObject(one) ? one : {};
    const keys = warned === undefined ? undefined : stringArray(warned);
    const names = stringArray(requested);
    const isRead =
      names !== undefined &&
      (warned === undefined || keys !== undefined) &&
      typeof packages === 'number' &&
      Number.isSafeInteger(packages) &&
      packages >= 0;
    if (!isRead || (ref !== undefined && (typeof ref !== 'string' || !isStageRef(ref))))
      throw wrong(path, 'stages');
    return { ref, packages, requested: names, warned: keys };
  });
}

function isStageRef(text: string): boolean {
  return text.startsWith(STAGE_REFS) && /^[0-9a-f]{64}$/.test(text.slice(STAGE_REFS.length));
}

/** A word that is not known may ask for more: it is no record to boot from. */
function readVerity(path: string, value: unknown): DeploymentRecord['verity'] {
  if (value !== 'require' && value !== 'prefer') throw wrong(path, 'verity');
  return value;
}

/** A fs-verity digest, sha256 or sha512, as store names are. */
function isDigest(text: string): boolean {
  return /^([0-9a-f]{64}|[0-9a-f]{128})$/.test(text);
}

function wrong(path: string, key: string): AptLayerError {
  return new AptLayerError('CONFIG_INVALID', `${path}: ${key} is missing or not as it should be`);
}
