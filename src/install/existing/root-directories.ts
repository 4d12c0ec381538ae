import { toText } from '../../formats/bytes/index.ts';
import { isDirectory, listDirectory } from '../../fs/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { placeOf } from './adopted-fstab.ts';

/** Directories of a root file system that are the image's, or are copied, or hold nothing. */
const OF_THE_SYSTEM = [
  ...['bin', 'boot', 'dev', 'etc', 'lib', 'lib32', 'lib64', 'libx32', 'lost+found', 'media', 'mnt', 'opt'],
  ...['proc', 'root', 'run', 'sbin', 'sys', 'sysroot', 'tmp', 'usr', 'var'],
];

/**
 * The directories of a machine's root file system that hold what people put there: /home, /srv, and those that somebody made. They go on being
 * used where they are, by the old system and the new one; /boot too, unless it is a partition. Not the sysroot, where it is one of them.
 */
export function sharedDirectories({ host, sysroot }: Sysroot): string[] {
  const { dev } = host.sys.lstat('/');
  const isShared = (name: string) =>
    `/${name}` !== sysroot &&
    isDirectory(host.sys, `/${name}`) &&
    host.sys.lstat(`/${name}`).dev === dev &&
    listDirectory(host.sys, `/${name}`).length > 0;
  const people = listDirectory(host.sys, '/')
    .map(toText)
    .filter(name => !name.startsWith('.') && !OF_THE_SYSTEM.includes(name));
  return ['boot', ...people].filter(isShared).map(name => `/${name}`);
}

/** Mount points that an image has to have, since nothing can be made in its root: those of an fstab(5) and of what is shared. */
export function mountPoints(fstab: string, shared: readonly string[]): string[] {
  const lines = fstab.split('\n').map(line => line.trim().split(/\s+/));
  const points = lines.flatMap(([source = '', point = '']) =>
    source.startsWith('#') || !point.startsWith('/') ? [] : [point],
  );
  const own = [...points, ...shared].filter(
    point =>
      !/^\/(?:$|boot(?:\/|$)|usr$|var(?:\/|$)|run(?:\/|$)|tmp(?:\/|$)|dev(?:\/|$)|proc(?:\/|$)|sys(?:\/|$))/.test(
        point,
      ) && placeOf(point) === point,
  );
  return [...new Set(own)].sort();
}
