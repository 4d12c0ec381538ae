import { closeBootloader } from '../../boot/index.ts';
import { AptLayerError, errnoOf } from '../../errors/index.ts';
import { toText } from '../../formats/bytes/index.ts';
import { listDirectory, readFileBytes, writeFileDurable } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { log } from '../../report/index.ts';
import { openStore, readImage } from '../../store/index.ts';
import { STATE_FILE_MAX_BYTES, type Sysroot, statePaths, type Transaction } from '../../transaction/index.ts';
import type { DeploymentRecord } from '../model.ts';
import { isDeploymentId } from '../name.ts';
import { type Origin, readOrigin } from '../origin.ts';
import { deploymentPath, PRIVATE_FILES, publicEtcPath, publicPath, recordPath, storePath } from '../paths.ts';
import { parseDeployment } from '../record.ts';
import { publicEtc } from './etc.ts';
import { publicRecord, recordWithoutImage } from './make.ts';
import type { PublicRecord, RedactedOrigin } from './model.ts';
import { parsePublic, serializePublic } from './record-file.ts';

/** What is public of the texts that a deployment was made from. */
export type Redaction = (texts: Origin) => RedactedOrigin;

/** The ids of deployments that lack a record, which an older program made. */
export function withoutRecord(at: Sysroot): string[] {
  return ids(at).filter(id =>
    [publicPath, publicEtcPath].some(path => lacks(at, path(deploymentPath(at.sysroot, id)))),
  );
}

function lacks({ host }: Sysroot, path: string): boolean {
  return host.sys.lstatIfExists(path) === undefined;
}

/** Writes the records of these deployments. One that cannot be made is a warning: it must not stop what is to be done. */
export function writeMissingRecords(
  transaction: Transaction,
  missing: { readonly ids: readonly string[]; readonly redact: Redaction },
): void {
  const { host, sysroot } = transaction;
  for (const id of missing.ids)
    tolerate(host, `the public record of ${id} cannot be made`, () => {
      const directory = deploymentPath(sysroot, id);
      const path = recordPath(directory);
      const record = parseDeployment(path, readFileBytes(host.sys, path, STATE_FILE_MAX_BYTES));
      if (lacks(transaction, publicPath(directory))) {
        const made = recordOf(transaction, { record, redact: missing.redact });
        writeFileDurable(host.sys, publicPath(directory), checkedText(publicPath(directory), made));
      }
      if (lacks(transaction, publicEtcPath(directory)))
        writeFileDurable(host.sys, publicEtcPath(directory), etcOf(transaction, record));
    });
}

function etcOf({ host, sysroot }: Sysroot, { image }: DeploymentRecord): string {
  const store = openStore(host, storePath(sysroot));
  return publicEtc(readImage(store, image), store.algorithm);
}

/** The text of a record, read back first: what cannot be read again is not written. */
export function checkedText(path: string, record: PublicRecord): string {
  const text = serializePublic(record);
  parsePublic(path, Buffer.from(text));
  return text;
}

/** Takes from everybody but root what older programs let everybody read, or run. */
export function closePrivateFiles(transaction: Transaction): void {
  const { host, sysroot } = transaction;
  tolerate(host, 'programs in the /var of deployments can still be run by everybody', () => {
    const { names } = statePaths(sysroot);
    const stat = host.sys.lstatIfExists(names);
    if (stat !== undefined && (stat.mode & 0o077) !== 0) host.sys.chmod(names, 0o700);
  });
  tolerate(host, 'how the sysroot is booted can still be read by everybody', () =>
    closeBootloader(transaction),
  );
  for (const id of ids(transaction))
    for (const name of PRIVATE_FILES)
      tolerate(host, `${id}/${name} can still be read by everybody`, () => {
        const path = `${deploymentPath(sysroot, id)}/${name}`;
        const stat = host.sys.lstatIfExists(path);
        if (stat !== undefined && (stat.mode & 0o077) !== 0) host.sys.chmod(path, 0o600);
      });
}

function recordOf(
  at: Sysroot,
  { record, redact }: { record: DeploymentRecord; redact: Redaction },
): PublicRecord {
  const origin = redact(readOrigin(at, record.id));
  let made = recordWithoutImage({ record, origin });
  tolerate(at.host, `the image of ${record.id} cannot be read`, () => {
    const store = openStore(at.host, storePath(at.sysroot));
    made = publicRecord(store, {
      ...{ record, origin, sysroot: at.sysroot },
      tree: readImage(store, record.image),
    });
  });
  return made;
}

function ids({ host, sysroot }: Sysroot): string[] {
  return listDirectory(host.sys, statePaths(sysroot).deployments).map(toText).filter(isDeploymentId);
}

function tolerate(host: Host, what: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof AptLayerError) && errnoOf(error) === undefined) throw error;
    log(host.report, 'warning', `${what}: ${(error as Error).message}`);
  }
}
