import type { Lock, LockedPackage } from './model.ts';

/** What a lock has of a file of the spec. */
export function lockedAt(lock: Lock, path: string): LockedPackage | undefined {
  return lock.packages.find(
    ({ uri }) => uri.startsWith('file:') && (uri === `file://${path}` || decoded(uri) === path),
  );
}

function decoded(uri: string): string | undefined {
  try {
    return decodeURIComponent(uri.slice('file://'.length));
  } catch {
    return undefined;
  }
}
