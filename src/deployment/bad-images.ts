import { readBooted } from '../boot/index.ts';
import { readFileIfExists, writeFileDurable } from '../fs/index.ts';
import {
  isObject,
  parseStateFile,
  STATE_FILE_MAX_BYTES,
  type Sysroot,
  statePaths,
  type Transaction,
} from '../transaction/index.ts';
import { ifReadable } from './readable.ts';

/** An image that did not come up, and in which deployment. */
export interface BadImage {
  readonly image: string;
  readonly deployment: string;
}

/** More are forgotten, the oldest first: an upgrade supersedes them anyway. */
const KEPT = 50;

/** The images that did not boot, from `state/bad-images.json`. What is no record of one is skipped. */
export function readBadImages({ host, sysroot }: Sysroot): readonly BadImage[] {
  const path = statePaths(sysroot).badImages;
  const data = readFileIfExists(host.sys, path, STATE_FILE_MAX_BYTES);
  return data === undefined ? [] : parseBadImages(path, data);
}

function parseBadImages(path: string, data: Buffer): readonly BadImage[] {
  const listed = parseStateFile(path, data)['images'];
  if (!Array.isArray(listed)) return [];
  return listed.flatMap((one: unknown) =>
    isObject(one) && typeof one['image'] === 'string' && typeof one['deployment'] === 'string'
      ? [{ image: one['image'], deployment: one['deployment'] }]
      : [],
  );
}

/** The deployment of an image that did not come up; undefined when nothing bad is known of it. */
export function badDeploymentOf(at: Sysroot, image: string): string | undefined {
  // It runs, so it was not the image that kept the other deployment from coming up.
  if (readBooted(at)?.image === image) return undefined;
  return readBadImages(at).findLast(one => one.image === image)?.deployment;
}

/** Remembers one, durably. */
export function addBadImage(transaction: Transaction, bad: BadImage): void {
  const others = (ifReadable(transaction, readBadImages) ?? []).filter(
    one => one.deployment !== bad.deployment,
  );
  writeBadImages(transaction, [...others, bad].slice(-KEPT));
}

/** Forgets what is said of a deployment: it did come up. */
export function forgetBad(transaction: Transaction, deployment: string): void {
  const before = ifReadable(transaction, readBadImages) ?? [];
  const after = before.filter(one => one.deployment !== deployment);
  if (after.length < before.length) writeBadImages(transaction, after);
}

function writeBadImages({ host, sysroot }: Transaction, images: readonly BadImage[]): void {
  const text = `${JSON.stringify({ version: 1, images })}\n`;
  writeFileDurable(host.sys, statePaths(sysroot).badImages, text);
}
