import { execFileSync } from 'node:child_process';
import { must } from './command.ts';

/** Drivers of containers/storage: `overlay` makes opaque whiteouts, `vfs` one whiteout for each name that went. */
export type Driver = 'overlay' | 'vfs';

/** buildah with its storage below a directory. podman has images in the same storage, by the same code. */
export interface Buildah {
  (...args: string[]): Promise<string>;
  /** Where the tree of an image is, named as buildah names it: `oci:DIRECTORY`, `localhost/NAME`. */
  treeOf(image: string): Promise<string>;
}

/** Why there is no buildah to compare with; undefined where there is. */
export function buildahIsMissing(): string | undefined {
  try {
    execFileSync('buildah', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'buildah is not installed; scripts/setup.sh test brings it';
  }
}

/** See `Buildah`. What it mounts goes with the temporary directory. */
export function buildahIn(directory: string, driver: Driver): Buildah {
  const storage = [
    '--root',
    `${directory}/${driver}`,
    '--runroot',
    `${directory}/${driver}-run`,
    '--storage-driver',
    driver,
  ];
  const run = (...args: string[]) =>
    must('buildah', [...storage, ...args], { timeoutMs: 120_000 }).then(text => text.trim());
  return Object.assign(run, {
    async treeOf(image: string) {
      const container = await run('from', '--quiet', '--pull-never', image);
      return run('mount', container);
    },
  });
}
