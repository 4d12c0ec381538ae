import type { RegularFile, Tree } from '../../formats/tree/index.ts';
import { putObject, readContent } from '../../store/index.ts';
import type { BuildContext } from '../context.ts';
import { clampTimes } from './clamp-times.ts';
import type { ContentAccess } from './content.ts';
import { normalizeShadow } from './shadow.ts';
import { stripSecrets } from './strip-secrets.ts';
import { withoutVolatile } from './volatile.ts';

/**
 * What every image is before it is written: without what is volatile, secret or of the day of its build, so that the same
 * packages give the same image on any day. `epochSeconds`: no time is later than this.
 */
export function finishTree(context: BuildContext, tree: Tree, epochSeconds: number): Tree {
  const access: ContentAccess = {
    read: (file: RegularFile) => readContent(context.store, file),
    put: (bytes: Buffer) => putObject(context.store, bytes),
  };
  const stripped = stripSecrets(withoutVolatile(tree), access);
  return clampTimes(normalizeShadow(stripped, access), epochSeconds);
}
