import { MACHINE_DIRECTORIES } from '../../layer/index.ts';

/** What of a machine's root file system goes on being used where it is. */
export interface SharedDirectories {
  /** `UUID=...`. */
  readonly source: string;
  readonly type: string;
  /** More options to mount it with, each after a comma. */
  readonly options: string;
  /** Paths on that file system, such as `/home`. */
  readonly paths: readonly string[];
}

export interface AdoptedFstab {
  readonly text: string;
  /** Lines that mean nothing any more, without comments. */
  readonly dropped: readonly string[];
}

/**
 * A machine's fstab(5) as its deployment needs it: without the root and /var, which a deployment brings, without files of the old root to swap to, mount points where the image's
 * links lead, and with the directories that are shared with the old system.
 */
export function adoptedFstab(text: string, shared: SharedDirectories): AdoptedFstab {
  const dropped: string[] = [];
  const lines = text.split('\n').flatMap(line => {
    const fields = line.trim().split(/\s+/);
    const [source = '', point = '', type = ''] = fields;
    if (source === '' || source.startsWith('#')) return [line];
    const isSwapFile = type === 'swap' && /^\/(?!dev\/)/.test(source);
    if (point === '/' || point === '/usr' || point === '/var' || isSwapFile) {
      dropped.push(line);
      return [`# ${line}`];
    }
    const moved = placeOf(point);
    return [moved === point ? line : [source, moved, ...fields.slice(2)].join(' ')];
  });
  const mounts = shared.paths.map(
    path =>
      `${shared.source} ${placeOf(path)} ${shared.type} nofail${shared.options},X-mount.subdir=${path.slice(1)} 0 0`,
  );
  const added =
    mounts.length === 0 ? [] : ['# Shared with the system that was here before apt-layer.', ...mounts];
  const kept = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  return { text: [...kept, ...added, ''].join('\n'), dropped };
}

/** Where a directory of a machine is, behind the image's links. */
export function placeOf(path: string): string {
  const found = MACHINE_DIRECTORIES.find(({ from }) => path === from || path.startsWith(`${from}/`));
  return found === undefined ? path : `${found.to}${path.slice(found.from.length)}`;
}
