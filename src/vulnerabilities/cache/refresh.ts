import { fetchDocument, type Validators } from '../../apt/index.ts';
import { AptLayerError, errnoOf, withContext } from '../../errors/index.ts';
import { toText } from '../../formats/bytes/index.ts';
import { S_IFMT, S_IFREG } from '../../formats/tree/index.ts';
import {
  ensureDirectory,
  isTemporaryName,
  listDirectory,
  removeTree,
  temporaryBeside,
} from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { step } from '../../report/index.ts';
import { publicAddress } from '../../transaction/index.ts';
import { readData } from '../data/index.ts';
import { type CachedData, dataDirectory, readCached, writeCached } from './data-cache.ts';
import { releaseFiles } from './release-files.ts';

const DOCUMENT_MAX_BYTES = 1024 ** 3;
/** The tracker's data has 70 MB. */
const DOCUMENT_MAX_MS = 15 * 60 * 1000;
/** What a killed run left; one that still writes is younger. */
const LEFTOVER_SECONDS = 24 * 3600;

/**
 * Brings the copy of the data at an address (https, http, or the path of a file or a directory) up to date, and returns it. Needs root.
 * NETWORK, NOT_FOUND or FORMAT when that fails: the copy that was there stays as it was.
 */
export async function refreshData(host: Host, sysroot: string, address: string): Promise<CachedData> {
  const { sys } = host;
  const shown = publicAddress(address);
  return await withContext(`getting data about vulnerabilities from ${shown}`, () =>
    step(host.report, 'vulnerabilities', `Getting data about vulnerabilities from ${shown}`, async () => {
      const directory = dataDirectory(sysroot, address);
      ensureDirectory(sys, directory);
      removeLeftovers(host, directory);
      const before = readCached(sys, sysroot, address);
      const downloaded = temporaryBeside(`${directory}/document`);
      const aside = temporaryBeside(`${directory}/files`);
      try {
        const known = before?.validators;
        const isLocal = address.startsWith('/');
        const validators = isLocal
          ? localValidators(host, address, known)
          : await fetchDocument(host, {
              ...{ uri: address, path: downloaded, known },
              ...{ maxBytes: DOCUMENT_MAX_BYTES, maxMs: DOCUMENT_MAX_MS },
            });
        const checkedSeconds = Math.floor(host.clock().getTime() / 1000);
        if (validators === 'unchanged' && before !== undefined) {
          const same = { ...before, checkedSeconds };
          writeCached(sys, sysroot, same);
          return same;
        }
        const path = isLocal ? address : downloaded;
        const { kind, releases } = await readInto(host, { path, name: shown }, aside);
        const generation = `${directory}/files-${host.random(8).toString('hex')}`;
        sys.rename(aside, generation);
        const fresh = { address, kind, releases, checkedSeconds, files: generation };
        const cached = { ...fresh, validators: validators === 'unchanged' ? NOTHING : validators };
        writeCached(sys, sysroot, cached);
        if (before !== undefined) removeTree(sys, before.files);
        return cached;
      } finally {
        removeTree(sys, downloaded);
        removeTree(sys, aside);
      }
    }),
  );
}

const NOTHING: Validators = { etag: undefined, lastModified: undefined };

async function readInto(host: Host, from: { path: string; name: string }, directory: string) {
  const files = releaseFiles(host.sys, directory);
  try {
    const kind = await readData(host.sys, from, entries => files.add(entries));
    return { kind, releases: files.end() };
  } finally {
    files.close();
  }
}

/** A file is the same while its time and size are; of a directory each file counts, so it is read each time. */
function localValidators(
  { sys }: Host,
  path: string,
  known: Validators | undefined,
): Validators | 'unchanged' {
  let fd: number;
  try {
    fd = sys.openFollowing(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    throw new AptLayerError('NOT_FOUND', `${path} does not exist`, { cause: error });
  }
  try {
    const { mtime, mtimeNsec, size, mode } = sys.fstat(fd);
    if ((mode & S_IFMT) !== S_IFREG) return NOTHING;
    const etag = `file ${mtime} ${mtimeNsec} ${size}`;
    return known?.etag === etag ? 'unchanged' : { etag, lastModified: undefined };
  } finally {
    sys.close(fd);
  }
}

function removeLeftovers({ sys, clock }: Host, directory: string): void {
  for (const name of listDirectory(sys, directory).map(toText).filter(isTemporaryName)) {
    const stat = sys.lstatIfExists(`${directory}/${name}`);
    if (stat !== undefined && clock().getTime() / 1000 - Number(stat.mtime) > LEFTOVER_SECONDS)
      removeTree(sys, `${directory}/${name}`);
  }
}
