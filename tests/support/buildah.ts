import { execFileSync } from 'node:child_process';
import { must } from './command.ts';

/** Drivers of containers/storage: `overlay` makes opaque whiteouts, `vfs` one whiteout for each name that went. */
export type Driver = 'overlay' | 'vfs';

/** buildah with its storage below a directory. podman has images in the same storage, by the same code. */
export interface Buildah {
  (...args: string[]): Promise<string>;
  /** Where the tree of an image is that it has. */
  treeOf(image: string): Promise<string>;
  /** The same for the image in a layout. */
  treeOfLayout(layout: string): Promise<string>;
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
  const treeOf = async (image: string) => run('mount', await run('from', '--quiet', image));
  let taken = 0;
  return Object.assign(run, {
    treeOf,
    async treeOfLayout(layout: string) {
      taken += 1;
      const name = `localhost/taken-${taken}`;
      const place = `[${driver}@${directory}/${driver}+${directory}/${driver}-run]`;
      // buildah would name it after the path, which has letters that no name may have.
      await must('skopeo', ['copy', '--quiet', `oci:${layout}`, `containers-storage:${place}${name}`]);
      return treeOf(name);
    },
  });
}
