import { readBooted } from '../boot/index.ts';
import { AptLayerError, errnoOf, withContext } from '../errors/index.ts';
import { fromText, toText } from '../formats/bytes/index.ts';
import type { Tree } from '../formats/tree/index.ts';
import {
  ensureDirectory,
  listDirectory,
  removeLeftover,
  retried,
  syncDirectory,
  syncFileSystem,
} from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { log } from '../report/index.ts';
import { deleteRef, readImage, setRef, type WritableStore } from '../store/index.ts';
import { statePaths, type Transaction } from '../transaction/index.ts';
import { unusedBootFiles } from './boot-files.ts';
import { orderWithFirst, setBootOrder } from './boot-order.ts';
import { bootObstacles } from './boot-path.ts';
import { assertCommandLineFits } from './command-line-length.ts';
import { mergeContinuedEtc } from './continued-etc.ts';
import { prepareEtc } from './etc.ts';
import { conflictText, type MergedEtc } from './etc-merge/index.ts';
import { tellJournal } from './events.ts';
import { imageArguments } from './image-arguments.ts';
import { kernelOf } from './kernel.ts';
import { listDeployments } from './list.ts';
import { checkBootSpace } from './loader.ts';
import type { DeploymentRecord } from './model.ts';
import { deploymentId } from './name.ts';
import {
  deploymentPath,
  deploymentRef,
  publicEtcPath,
  publicPath,
  recordPath,
  renumberAccountsPath,
} from './paths.ts';
import { checkedText, publicEtc, publicRecord, type RedactedOrigin } from './public/index.ts';
import { ifReadable } from './readable.ts';
import { noteRebootRequired } from './reboot-required.ts';
import { serializeDeployment } from './record.ts';
import { clearStaged, readStaged, removeUnfinalized, writeStaged } from './staged.ts';
import { seedVar } from './var.ts';

/** What a new deployment is made from. The texts of spec and lock are kept as they are. */
export interface NewDeployment
  extends Pick<DeploymentRecord, 'name' | 'image' | 'base' | 'version' | 'requestedPackages' | 'packages'>,
    Partial<
      Pick<
        DeploymentRecord,
        | 'requestedLocalPackages'
        | 'baseRemovals'
        | 'baseReplacements'
        | 'expiredArchives'
        | 'packagesWithNetwork'
        | 'kernelArguments'
        | 'labels'
        | 'verity'
        | 'warnings'
        | 'forcedPolicy'
        | 'stages'
      >
    > {
  /** Accounts of the image whose numbers are taken on the machine get others, also where files of the image are theirs. */
  readonly renumberAccounts?: boolean;
  readonly specText: string;
  readonly lockText: string;
  /** What of both anybody may read. */
  readonly origin: RedactedOrigin;
}

/**
 * Makes a deployment of an image, and resolves to its id when all of it is durable. On a machine that runs from this sysroot it is
 * staged: it waits for its /etc and its boot entry, which `finalize` gives it at shutdown, and replaces what was staged before. Elsewhere
 * it has both at once, with what the first deployment of its name has in /etc, and is first in the boot order.
 * Everything is written aside; then come two renames, of the directory and of the order (or of what says what is staged).
 * Killed before the first, the sysroot is as it was; between them, the deployment exists but is last. An error undoes what was done.
 */
export async function createDeployment(
  host: Host,
  store: WritableStore,
  transaction: Transaction,
  request: NewDeployment,
): Promise<string> {
  const { sysroot } = transaction;
  const { deployments } = statePaths(sysroot);
  const taken = listDirectory(host.sys, deployments).map(toText);
  const created = host.clock();
  const id = deploymentId(request.name, created, new Set(taken));
  return await withContext(`making the deployment ${id}`, async () => {
    transaction.step('deployment', { id, image: request.image });
    const tree = readImage(store, request.image);
    const record = recordOf(transaction, withImageArguments(store, tree, request), {
      id,
      createdSeconds: Math.floor(created.getTime() / 1000),
    });
    assertCommandLineFits(transaction, record);
    const staging = readBooted(transaction) !== undefined;
    await checkBootSpace(transaction, record);
    warnOfBoot(host, store, { record, tree, before: listDeployments(transaction)[0]?.image });
    try {
      await writeAside(host, store, { transaction, request, record, tree, staging });
      setRef(store, deploymentRef(id), request.image);
      syncFileSystem(host.sys, deployments);
      transaction.checkpoint();
      host.sys.renameNoReplace(asidePath(sysroot, id), deploymentPath(sysroot, id));
      syncDirectory(host.sys, deployments);
      if (staging) await stage(transaction, id);
      else await putFirst(transaction, id);
    } catch (error) {
      undo(host, store, { sysroot, id });
      throw error;
    }
    return id;
  });
}

/** What a machine would not expect. A container may have masked what it likes, and has no boot loader. */
function warnOfBoot(
  host: Host,
  store: WritableStore,
  { record, tree, before }: { record: DeploymentRecord; tree: Tree; before: string | undefined },
): void {
  if (kernelOf(store, tree) === undefined) return;
  const unused =
    before === record.image
      ? undefined
      : unusedBootFiles(tree, before === undefined ? undefined : readable(store, before));
  for (const warning of [
    ...bootObstacles(tree, record.kernelArguments),
    ...(unused === undefined ? [] : [unused]),
  ])
    log(host.report, 'warning', warning);
}

/** An image that cannot be read is no reason not to make another deployment. */
function readable(store: WritableStore, image: string): Tree | undefined {
  try {
    return readImage(store, image);
  } catch (error) {
    if (error instanceof AptLayerError || errnoOf(error) !== undefined) return undefined;
    throw error;
  }
}

function recordOf(
  transaction: Transaction,
  request: NewDeployment,
  made: { id: string; createdSeconds: number },
): DeploymentRecord {
  return {
    ...made,
    name: request.name,
    image: request.image,
    base: request.base,
    version: request.version,
    requestedPackages: request.requestedPackages,
    requestedLocalPackages: request.requestedLocalPackages ?? [],
    baseRemovals: request.baseRemovals ?? [],
    baseReplacements: request.baseReplacements ?? [],
    packages: request.packages,
    expiredArchives: request.expiredArchives ?? [],
    packagesWithNetwork: request.packagesWithNetwork ?? [],
    kernelArguments: request.kernelArguments ?? [],
    labels: request.labels ?? {},
    verity: request.verity ?? 'prefer',
    warnings: request.warnings,
    ...(request.forcedPolicy !== undefined && { forcedPolicy: request.forcedPolicy }),
    stages: request.stages ?? [],
    commandLine: transaction.commandLine,
    transaction: transaction.id,
  };
}

async function writeAside(
  host: Host,
  store: WritableStore,
  made: {
    transaction: Transaction;
    request: NewDeployment;
    record: DeploymentRecord;
    tree: Tree;
    staging: boolean;
  },
): Promise<void> {
  const { request, record, tree } = made;
  const { sysroot } = made.transaction;
  const aside = asidePath(sysroot, record.id);
  ensureDirectory(host.sys, aside);
  writeNew(host, `${aside}/spec.yaml`, { text: request.specText, mode: 0o600 });
  writeNew(host, `${aside}/lock.json`, { text: request.lockText, mode: 0o600 });
  writeNew(host, recordPath(aside), { text: serializeDeployment(record), mode: 0o600 });
  const readable = publicRecord(store, { record, origin: request.origin, tree, sysroot });
  writeNew(host, publicPath(aside), { text: checkedText(publicPath(aside), readable), mode: 0o644 });
  writeNew(host, publicEtcPath(aside), { text: publicEtc(tree, store.algorithm), mode: 0o644 });
  host.sys.symlink(`../../os/${record.name}/var`, `${aside}/var`);
  const renumberAccounts = request.renumberAccounts === true;
  if (renumberAccounts) writeNew(host, renumberAccountsPath(aside), { text: '', mode: 0o600 });
  const path = `${aside}/etc`;
  // What is staged gets its /etc at shutdown; whether it can, and what there is to say of it, is known now.
  const target = made.staging ? undefined : path;
  const etc = { name: record.name, image: tree, target, renumberAccounts };
  const merged = await mergeContinuedEtc(made.transaction, etc);
  if (merged !== undefined) warnOfEtc(host, merged);
  if (made.staging) return;
  if (merged === undefined) await prepareEtc(host, store, { tree, path });
  await seedVar(host, store, { tree, sysroot, name: record.name });
}

/** The kernel arguments that the image brings come before those of the spec. */
function withImageArguments(store: WritableStore, tree: Tree, request: NewDeployment): NewDeployment {
  const brought = imageArguments(store, tree).map(one => one.argument);
  return { ...request, kernelArguments: [...brought, ...(request.kernelArguments ?? [])] };
}

/** Not synced one by one: the whole file system is, before the directory gets its name. */
function writeNew(host: Host, path: string, file: { readonly text: string; readonly mode: number }): void {
  const fd = host.sys.create(path, file.mode);
  try {
    host.sys.fchmod(fd, file.mode);
    host.sys.write(fd, Buffer.from(file.text));
  } finally {
    host.sys.close(fd);
  }
}

function asidePath(sysroot: string, id: string): string {
  return `${statePaths(sysroot).deployments}/.tmp-${id}`;
}

function warnOfEtc(host: Host, { verdicts, warnings }: MergedEtc): void {
  for (const one of verdicts) if (one.verdict === 'conflict') log(host.report, 'warning', conflictText(one));
  for (const warning of warnings) log(host.report, 'warning', warning);
}

/** Nothing runs from the sysroot: it is what the next boot takes. What a machine had staged before it was switched off must not come before it. */
async function putFirst(transaction: Transaction, id: string): Promise<void> {
  const before = ifReadable(transaction, readStaged);
  await setBootOrder(transaction, orderWithFirst(transaction, id));
  clearStaged(transaction);
  if (before !== undefined) removeUnfinalized(transaction, before.deployment);
}

/** What was staged before was never booted, so nothing is lost with it: this one was made from its spec. */
async function stage(transaction: Transaction, id: string): Promise<void> {
  const { host } = transaction;
  const before = ifReadable(transaction, readStaged);
  writeStaged(transaction, { deployment: id, failure: undefined });
  if (before !== undefined) removeUnfinalized(transaction, before.deployment);
  noteRebootRequired(transaction, id);
  await tellJournal(host, 'staged', { deployment: id, message: `${id} waits for the next restart` });
}

/** The error that led here is the one to report; what cannot be undone now, the next transaction cleans up. */
function undo(host: Host, store: WritableStore, made: { sysroot: string; id: string }): void {
  const { sysroot, id } = made;
  const aside = asidePath(sysroot, id);
  try {
    if (host.sys.lstatIfExists(deploymentPath(sysroot, id)) !== undefined) {
      const path = deploymentPath(sysroot, id);
      retried(host.sys, fromText(path), () => host.sys.rename(path, aside));
      syncDirectory(host.sys, statePaths(sysroot).deployments);
    }
    deleteRef(store, deploymentRef(id));
    removeLeftover(host, aside);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    log(host.report, 'warning', `${aside} could not be removed: ${(error as Error).message}`);
  }
}
