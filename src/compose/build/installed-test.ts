import type { InstalledPackage } from '../../apt/index.ts';

/** Whether a system has a package, `NAME` or `NAME:ARCH`. */
export function installedTest(installed: ReadonlyMap<string, InstalledPackage>): (name: string) => boolean {
  const names = new Set([...installed].flatMap(([key, one]) => [key, one.name]));
  return name => names.has(name);
}
