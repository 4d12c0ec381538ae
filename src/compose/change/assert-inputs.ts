import { AptLayerError, errnoOf } from '../../errors/index.ts';
import { S_IFDIR, S_IFMT, S_IFREG } from '../../formats/tree/index.ts';
import type { Host } from '../../host/index.ts';
import { pathValues, type Spec } from '../spec/index.ts';

/**
 * Refuses paths of a spec that lead to something else than a file, before a build finds out minutes later: SPEC_INVALID. What is not there may be kept in the
 * store, which only a build can tell. Inputs of scripts may be directories.
 */
export function assertInputFiles(host: Host, spec: Spec, file: string): void {
  for (const { path, value } of pathValues(spec)) {
    const type = typeOf(host, value);
    const mayBeDirectory = path[0] === 'scripts' && path[2] === 'inputs';
    if (type === undefined || type === S_IFREG || (type === S_IFDIR && mayBeDirectory)) continue;
    const key = path.filter(part => typeof part === 'string').join('.');
    const what = type === S_IFDIR ? 'a directory' : 'no regular file';
    throw new AptLayerError('SPEC_INVALID', `${file}: ${key}: ${value} is ${what}, and it must be a file`, {
      hint:
        path[0] === 'files'
          ? 'name each file by itself, or make a package of the directory'
          : 'name the file that is meant',
      details: { file, key, path: value },
    });
  }
}

function typeOf({ sys }: Host, path: string): number | undefined {
  try {
    const fd = sys.openFollowing(path);
    try {
      return sys.fstat(fd).mode & S_IFMT;
    } finally {
      sys.close(fd);
    }
  } catch (error) {
    // Whether it can be read is for the build to say.
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
