import type { Host } from '../host/index.ts';
import type { FoundImage } from '../oci/index.ts';

/** Puts a file without contents, of the size of a layer, in the place of its blob: skopeo does not fetch what is there. */
export function standIn({ sys }: Host, path: string, { size }: FoundImage['layers'][number]): void {
  if (sys.lstatIfExists(path) !== undefined) sys.unlink(path);
  const fd = sys.create(path, 0o600);
  try {
    sys.truncate(fd, size);
  } finally {
    sys.close(fd);
  }
}
