import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  assertBootDirectory,
  assertVerityOf,
  badDeploymentOf,
  createDeployment,
  type Deployment,
  type DeploymentBase,
  deploymentRecovery,
  diffImages,
  type ForcedPolicy,
  installedIn,
  listDeployments,
  type PackageDiff,
} from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { BuildContext, MetadataPolicy } from '../../layer/index.ts';
import { type LastingWarning, log } from '../../report/index.ts';
import { assertRefFits, hasImage, setRef, writableStore } from '../../store/index.ts';
import {
  publicAddress,
  type Sysroot,
  type Transaction,
  type TransactionOptions,
  withTransaction,
} from '../../transaction/index.ts';
import {
  type BuildFinding,
  type BuildOptions,
  type BuildPlan,
  type BuildResult,
  buildPlanned,
  type EditedFrom,
  type PackageRoute,
  packageRoutes,
  planBuild,
} from '../build/index.ts';
import {
  diffLocks,
  inOneStage,
  type Lock,
  type LockDiff,
  type LockedPackage,
  parseLock,
  serializeLock,
} from '../lock/index.ts';
import { enforcePolicy } from '../policy/index.ts';
import { publicOrigin, publishListsOf, writeRecords } from '../public/index.ts';
import { isDebRequest, parseSpec, renderPackageRequest, type Spec, type SpecText } from '../spec/index.ts';
import { againstBase } from './against-base.ts';
import { originToCompare } from './origin.ts';
import { assertRunningName, nameOf } from './running-name.ts';
import { knownWarnings, stageRecords, warningsToKeep, warnOfPlaces } from './warnings.ts';

/** A spec to turn into an image, and where it came from. */
export interface SpecSource {
  /** The text, self-contained: paths in it are absolute. */
  readonly text: string;
  /** For messages. */
  readonly file: string;
  /** Versions to keep to. */
  readonly lock?: Lock;
  /** The files that the text was made of, to say where something is; absent where it is the file itself. */
  readonly texts?: readonly SpecText[];
}

export interface ChangeOptions {
  readonly verb: string;
  readonly commandLine: string;
  /** Seconds to wait for another transaction. */
  readonly waitSeconds: number;
  readonly metadata: MetadataPolicy;
  /** Say what would happen and stop. */
  readonly dryRun: boolean;
  /** In a dry run, also say which way each package would go; fetches and imports what is missing for that. */
  readonly explain: boolean;
  /** Make a deployment of the image and put it first. */
  readonly deploy: boolean;
  /** Also keep the image as `local://NAME`. */
  readonly ref?: string;
  /** Take the packages of the lock and resolve nothing. */
  readonly locked?: boolean;
  /** Accounts of the image whose numbers are taken on the machine get others, also where files of the image are theirs. */
  readonly renumberAccounts?: boolean;
  /** Deploy it also on a machine that runs a system of another name, whose /var it does not get. */
  readonly newName?: boolean;
  /** Make no deployment of an image that did not come up before; a warning says so. */
  readonly skipBad?: boolean;
  /** All packages in one stage, from the base, whatever was there. */
  readonly fresh?: boolean;
  /** The deployment whose spec is edited: what it has stays, in its stages. */
  readonly edited?: EditedFrom;
  /** `lock` is that of the deployment that is changed, and a base of a Containerfile stays the one in it. */
  readonly staysOnBase?: boolean;
  /** Build a base of a Containerfile again, with nothing from the engine's cache. */
  readonly noCache?: boolean;
  /** Why it is done against the rules of the spec; absent where they hold. */
  readonly forcePolicy?: string;
  /** How to come to a plan; default `planBuild`. */
  readonly plan?: typeof planBuild;
  /** Told what the change is going to be, before anything is built; to stop it, throw. */
  readonly onPlan?: (planned: ChangeResult) => void | Promise<void>;
}

export interface ChangeResult {
  readonly dryRun: boolean;
  /** False when the image, the spec and the lock are those of the first deployment already. */
  readonly changed: boolean;
  /** Digest of the image; null in a dry run. */
  readonly image: string | null;
  readonly base: { readonly request: string; readonly digest: string };
  /** Id of the new deployment. */
  readonly deployment: string | null;
  readonly ref: string | null;
  /** The same build had been done before. */
  readonly cached: boolean;
  /** Packages compared with the deployment this one follows. */
  readonly packages: LockDiff;
  /** Packages of the base compared with those of the base before; null when it is the same base, or there is none. */
  readonly basePackages: PackageDiff | null;
  /** Packages of the base that go. */
  readonly removed: readonly string[];
  readonly lock: Lock;
  /** Which way each package would go; null unless a dry run was asked to explain. */
  readonly routes: readonly PackageRoute[] | null;
  /** What rules of the spec were forced, and by whom; null where none was. */
  readonly forcedPolicy: ForcedPolicy | null;
  /** What this build found that its packages do not account for, and warned of. */
  readonly findings: readonly BuildFinding[];
}

/** Builds a spec in a transaction and, if asked, deploys the image. Nothing is changed when it throws. */
export function changeSystem(at: Sysroot, change: SpecSource & ChangeOptions): Promise<ChangeResult> {
  // What is wrong with it does not have to wait for the lock.
  parseSpec(change.text, change.file);
  return inChange(at, change, transaction => runChange(transaction, change));
}

/** Runs `action` in a transaction that is told as a change of the system. */
export function inChange(
  at: Sysroot,
  change: Pick<ChangeOptions, 'verb' | 'commandLine' | 'waitSeconds' | 'dryRun'> &
    Pick<TransactionOptions, 'usesReserve'>,
  action: (transaction: Transaction) => Promise<ChangeResult>,
): Promise<ChangeResult> {
  const options = {
    verb: change.dryRun ? `${change.verb} --dry-run` : change.verb,
    commandLine: change.commandLine,
    wait: change.waitSeconds,
    usesReserve: change.usesReserve === true,
    recovery: [deploymentRecovery, writeRecords],
    summarize: ({ deployment, image, changed, forcedPolicy }: ChangeResult) => ({
      ...{ deployment, image, changed },
      ...(forcedPolicy !== null && { forcedPolicy }),
    }),
  };
  return withTransaction(at, options, action);
}

/** `changeSystem` in a transaction that is open. */
export async function runChange(
  transaction: Transaction,
  change: SpecSource & ChangeOptions,
): Promise<ChangeResult> {
  const spec = parseSpec(change.text, change.file);
  assertLockThere(change);
  if (change.deploy) {
    assertRunningName(transaction, spec, change);
    assertVerityOf(transaction, spec.security.verity);
    await assertBootDirectory(transaction);
  }
  const deployments = listDeployments(transaction);
  const [current] = deployments;
  const warnings = knownWarnings(change.deploy ? current : undefined);
  const context = { ...buildContext(transaction), warnings };
  if (change.ref !== undefined) assertRefFits(context.store, `base/${change.ref}`);
  const origin = current === undefined ? undefined : originToCompare(transaction, current.id);
  // What only becomes an image is compared with nothing.
  const before = !change.deploy ? undefined : origin?.lock;
  const plan = await (change.plan ?? planBuild)(context, spec, optionsOf(change));
  assertReadable(plan.lock);
  warnOfPlaces(context.host.report, warnings, spec);
  const rules = rulesOf(change);
  const foreseen = await enforcePolicy(context, plan, rules);
  const basePackages = change.deploy ? baseDifference(context, current, plan) : null;
  if (change.dryRun) {
    const routes = change.explain ? await packageRoutes(context, plan, change.metadata) : null;
    return { ...planned(context, plan, { before, routes, basePackages }), forcedPolicy: foreseen ?? null };
  }
  await change.onPlan?.(planned(context, plan, { before, routes: null, basePackages }));
  const built = await buildPlanned(context, plan, change.metadata);
  const forcedPolicy = await enforcePolicy(context, { ...plan, lock: built.lock }, rules, built.image);
  if (forcedPolicy !== undefined) transaction.step('policy-forced', { ...forcedPolicy });
  const kept = warningsToKeep(context.host.report, warnings, built, deployments);
  // A signal that came while an image was written is only heard when the event loop turns, all of it.
  await nextTurn();
  await nextTurn();
  transaction.checkpoint();
  if (change.ref !== undefined) setRef(context.store, `base/${change.ref}`, built.image);
  const lockText = serializeLock(built.lock);
  const same =
    current?.image === built.image && origin?.specText === change.text && origin.lockText === lockText;
  const bad = change.skipBad === true && warnOfBad(transaction, built.image);
  const deployment =
    change.deploy && !same && !bad
      ? await deploy(context, transaction, { spec, change, built, lockText, warnings: kept, forcedPolicy })
      : null;
  return {
    ...resultOf(context, built, before),
    dryRun: false,
    changed:
      deployment !== null || (change.ref !== undefined && !built.cached) || (!change.deploy && !built.cached),
    image: built.image,
    deployment,
    ref: change.ref ?? null,
    cached: built.cached,
    findings: built.findings,
    forcedPolicy: forcedPolicy ?? null,
    routes: null,
    basePackages,
  };
}

/** How the rules of the spec are held. */
function rulesOf({ texts, file, text, forcePolicy, metadata }: SpecSource & ChangeOptions) {
  return { texts: texts ?? [{ file, text }], force: forcePolicy, offline: metadata.offline === true };
}

/** With `fresh` no stage of before counts. */
function optionsOf({
  metadata,
  lock,
  edited,
  fresh = false,
  locked = false,
  dryRun,
  staysOnBase = false,
  noCache = false,
}: SpecSource & ChangeOptions): BuildOptions {
  return {
    ...{ metadata, locked, dryRun, staysOnBase },
    ...(noCache && { noCache, newestBase: true }),
    ...(lock !== undefined && { lock: fresh ? inOneStage(lock) : lock }),
    ...(edited !== undefined && !fresh && { edited }),
  };
}

/** What is to be committed must be readable afterwards, or nothing could be changed any more. Throws before anything is built. */
function assertReadable(lock: Lock): void {
  parseLock(serializeLock(lock), 'the lock of this change');
}

/** What another base brings and takes; null when the base before is not in the store any more, too. */
function baseDifference(
  { store }: BuildContext,
  current: Deployment | undefined,
  plan: BuildPlan,
): PackageDiff | null {
  const before = current?.base?.digest;
  if (before === undefined || before === plan.base.digest || !hasImage(store, before)) return null;
  return diffImages(store, { before, after: plan.base.digest }, { files: false }).packages ?? null;
}

function planned(
  context: BuildContext,
  plan: BuildPlan,
  said: { before: Lock | undefined } & Pick<ChangeResult, 'routes' | 'basePackages'>,
): ChangeResult {
  const { before, routes, basePackages } = said;
  const result = resultOf(context, plan, before);
  const { added, removed, upgraded, downgraded } = result.packages;
  const changed =
    basePackages !== null ||
    [added, removed, upgraded, downgraded, result.removed].some(list => list.length > 0);
  return {
    ...result,
    routes,
    basePackages,
    dryRun: true,
    changed,
    image: null,
    deployment: null,
    ref: null,
    cached: false,
    findings: [],
    forcedPolicy: null,
  };
}

function resultOf({ store }: BuildContext, done: BuildPlan | BuildResult, before: Lock | undefined) {
  const empty: Lock = { ...done.lock, packages: [] };
  return {
    base: { request: done.base.request, digest: done.base.digest },
    packages: againstBase(diffLocks(before ?? empty, done.lock), installedIn(store, done.base.tree)),
    removed: done.resolution.remove,
    lock: done.lock,
  };
}

/** Whether an image did not come up when a deployment of it was tried. */
function warnOfBad({ host, sysroot }: Transaction, image: string): boolean {
  const bad = badDeploymentOf({ host, sysroot }, image);
  if (bad !== undefined)
    log(
      host.report,
      'warning',
      `this is what ${bad} was, which did not come up; it is not tried again until something is newer`,
    );
  return bad !== undefined;
}

async function deploy(
  context: BuildContext,
  transaction: Transaction,
  made: {
    spec: Spec;
    change: SpecSource & ChangeOptions;
    built: BuildResult;
    lockText: string;
    warnings: readonly LastingWarning[] | undefined;
    forcedPolicy: ForcedPolicy | undefined;
  },
): Promise<string> {
  const { spec, change, built, lockText, warnings, forcedPolicy } = made;
  await publishListsOf(context, { digest: built.image, spec, metadata: change.metadata });
  return createDeployment(context.host, context.store, transaction, {
    name: nameOf(spec),
    version: spec.version,
    image: built.image,
    base: recordedBase(built),
    renumberAccounts: change.renumberAccounts === true,
    specText: change.text,
    lockText,
    origin: publicOrigin({ specText: change.text, lockText }),
    requestedPackages: spec.layers.filter(request => !isDebRequest(request)).map(renderPackageRequest),
    requestedLocalPackages: spec.layers.filter(isDebRequest).map(renderPackageRequest),
    baseRemovals: built.resolution.remove,
    baseReplacements: replacements(context, spec, built),
    expiredArchives: expiredIn(built.lock),
    kernelArguments: spec.kernelArguments,
    labels: spec.labels,
    verity: spec.security.verity,
    ...(warnings === undefined ? {} : { warnings }),
    ...(forcedPolicy !== undefined && { forcedPolicy }),
    stages: stageRecords(built, listDeployments(transaction)),
    packages: built.lock.packages.map(packageId),
    packagesWithNetwork: built.lock.packages.filter(one => one.network === true).map(packageId),
  });
}

function recordedBase({ base }: BuildResult): DeploymentBase {
  const { request, digest, manifest, check } = base;
  return {
    ...{ request, digest },
    ...(manifest !== undefined && { manifest }),
    ...(check !== undefined && { check }),
  };
}

/** Anybody may read it: without logins. */
function expiredIn({ base, expired = [] }: Lock): string[] {
  const all = [...(base.expired ?? []), ...expired].map(one => {
    const [uri = '', ...suite] = one.split(' ');
    return [publicAddress(uri), ...suite].join(' ');
  });
  return [...new Set(all)];
}

function packageId({ name, version, architecture }: LockedPackage): string {
  return `${name}_${version}_${architecture}`;
}

/** Packages that overrides put in the place of others, NAME_VERSION_ARCH. */
function replacements({ store }: BuildContext, spec: Spec, { base, lock }: BuildResult): string[] {
  const overridden = new Set(spec.overrides.filter(one => one.kind !== 'remove').map(one => one.package));
  if (overridden.size === 0) return [];
  const installed = installedIn(store, base.tree);
  return lock.packages
    .filter(({ name, architecture }) => overridden.has(name) || installed.has(`${name}:${architecture}`))
    .map(packageId);
}

/** The result of a change after which the image is the one that was there. */
export function resultOfSameImage(
  image: string | null,
  lock: Lock,
  done: Pick<ChangeResult, 'dryRun' | 'changed' | 'deployment'>,
): ChangeResult {
  return {
    ...done,
    image,
    base: lock.base,
    ref: null,
    cached: true,
    findings: [],
    forcedPolicy: null,
    routes: null,
    basePackages: null,
    packages: { added: [], removed: [], upgraded: [], downgraded: [], rebuilt: [] },
    removed: [],
    lock,
  };
}

/** CONFIG_INVALID when only the packages of a lock are to be used and there is no lock. */
export function assertLockThere({ file, lock, locked }: SpecSource & Pick<ChangeOptions, 'locked'>): void {
  if (!locked || lock !== undefined) return;
  throw new AptLayerError('CONFIG_INVALID', `${file} has no lock: there is no ${file}.lock.json`, {
    hint: `write it with \`apt-layer compose lock ${file}\`; the locks of included files do not count`,
    details: { file: `${file}.lock.json` },
  });
}

/** What building takes from a transaction. */
export function buildContext(transaction: Transaction): BuildContext {
  const { host, sysroot, workDirectory, directory } = transaction;
  return {
    host,
    store: writableStore(transaction),
    sysroot,
    workDirectory,
    onOutput: chunk => transaction.appendLog(chunk),
    logPath: `${directory}/log`,
  };
}
