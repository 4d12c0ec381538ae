import { dirname, resolve } from 'node:path';
import { AptLayerError } from '../errors/index.ts';
import {
  type ArchiveReference,
  renderImageReference,
  type StorageReference,
} from '../formats/reference/index.ts';
import { S_IFMT, S_IFREG } from '../formats/tree/index.ts';
import { syncDirectory, temporaryBeside } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { step } from '../report/index.ts';
import { skopeo } from './skopeo.ts';

/**
 * Copies the only image of a layout into an archive or into podman's storage. A file that is there is replaced when the new one is whole.
 * Durable when it returns, but for the storage, which is podman's.
 */
export async function writeArchive(
  host: Host,
  directory: string,
  reference: ArchiveReference | StorageReference,
): Promise<void> {
  const where = renderImageReference(reference);
  const copy = (to: string) =>
    step(host.report, 'copy', `Writing ${where}`, () =>
      skopeo(host, {
        ...{ verb: 'copy', args: ['--quiet', `oci:${directory}`, to], where },
        // What this machine takes from others says nothing of what it made.
        globals: ['--insecure-policy'],
      }),
    );
  if (reference.transport === 'containers-storage') {
    await copy(where);
    return;
  }
  const path = resolve(reference.path);
  assertReplaceable(host, path);
  const aside = temporaryBeside(path);
  try {
    await copy(renderImageReference({ ...reference, path: aside }));
    putInPlace(host, aside, path);
  } finally {
    if (host.sys.lstatIfExists(aside) !== undefined) host.sys.unlink(aside);
  }
}

/** A device or a directory would go, or the copy fail after all the work. */
function assertReplaceable({ sys }: Host, path: string): void {
  const mode = sys.lstatIfExists(path)?.mode;
  if (mode === undefined || (mode & S_IFMT) === S_IFREG) return;
  throw new AptLayerError('USAGE', `${path} is there, and is no file`, {
    hint: 'name a file, or another path',
  });
}

function putInPlace({ sys }: Host, aside: string, path: string): void {
  const fd = sys.openRead(aside);
  try {
    sys.fsync(fd);
  } finally {
    sys.close(fd);
  }
  sys.rename(aside, path);
  syncDirectory(sys, dirname(path));
}
