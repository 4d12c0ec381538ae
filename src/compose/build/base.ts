import { createHash } from 'node:crypto';
import {
  type BootstrapPlan,
  bootstrapKey,
  type InstalledPackage,
  planBootstrap,
  type Resolution,
} from '../../apt/index.ts';
import { CODE, codeName } from '../../code/index.ts';
import { installedIn, KEPT_BASE_REFS } from '../../deployment/index.ts';
import { AptLayerError, assertNever } from '../../errors/index.ts';
import type { ImageCheck } from '../../formats/image-check/index.ts';
import type { Host } from '../../host/index.ts';
import {
  type BuildContext,
  type BuiltImage,
  bootstrapPackages,
  refreshBootstrapLists,
} from '../../layer/index.ts';
import { checkOf } from '../../oci/index.ts';
import { log } from '../../report/index.ts';
import {
  deleteRef,
  findRef,
  hasImage,
  listRefs,
  readImage,
  resolveImage,
  type Store,
  setRef,
} from '../../store/index.ts';
import type { LockedBase } from '../lock/index.ts';
import { renderBaseImage, type Spec } from '../spec/index.ts';
import type { BaseOptions } from './base-options.ts';
import { recordBase, recordedBase } from './base-packages.ts';
import { containerfileBase } from './containerfile-base.ts';
import { imageBase, type NewerImage } from './image-base.ts';
import { assertAsDemanded, imageDemand } from './image-demand.ts';
import { makeBase, makeLockedBase, OLD_LOCK } from './make-base.ts';

export interface Base extends BuiltImage {
  /** As the spec writes it: `apt://trixie`. */
  readonly request: string;
  /** Digest of the manifest of an image from elsewhere, `sha256:HEX`. */
  readonly manifest?: string;
  /** How such an image was checked before it came into the store. */
  readonly check?: ImageCheck;
  /** Digest of what an engine built it of. */
  readonly context?: string;
  /** What an `apt://` base is made of, where that is known. */
  readonly packages?: LockedBase['packages'];
  readonly expired?: LockedBase['expired'];
  readonly settings?: LockedBase['settings'];
  /** What the newest base would be made of; only where it was asked for, differs from this one, and must not be made. */
  readonly newer?: Resolution['install'];
  /** The same of an image in a registry, of which its manifest alone was read. */
  readonly newerImage?: NewerImage;
  /** Why an engine would build another one. */
  readonly rebuild?: readonly string[];
}

/**
 * The base image a spec names. `apt://` is bootstrapped for each set of sources and kept under a ref. Every base that is
 * built on has one more ref, so that it is there as long as a deployment has it.
 */
export async function resolveBase(context: BuildContext, spec: Spec, options: BaseOptions): Promise<Base> {
  const demand = await imageDemand(context.host, spec);
  const base = await foundBase(context, spec, { ...options, demand });
  const { store } = context;
  const { digest, newer, newerImage, rebuild, manifest, check, context: builtOf } = base;
  if (!options.onlyExisting && findRef(store, base.kept) === undefined) setRef(store, base.kept, digest);
  const { locked } = options;
  const made =
    spec.baseImage.kind !== 'apt'
      ? undefined
      : locked?.digest === digest && locked.packages !== undefined
        ? locked
        : recordedBase(context, digest);
  return {
    ...made,
    ...(base.settings !== undefined && { settings: base.settings }),
    ...{ request: base.request, digest, tree: readImage(store, digest) },
    ...(manifest !== undefined && { manifest }),
    ...(check !== undefined && { check }),
    ...(builtOf !== undefined && { context: builtOf }),
    ...(newer !== undefined && { newer }),
    ...(newerImage !== undefined && { newerImage }),
    ...(rebuild !== undefined && { rebuild }),
  };
}

function foundBase(context: BuildContext, spec: Spec, options: BaseOptions): FoundBase | Promise<FoundBase> {
  const { baseImage } = spec;
  switch (baseImage.kind) {
    case 'local':
      return localBase(context, baseImage.ref, options);
    case 'apt':
      return archiveBase(context, spec, { ...options, suite: baseImage.suite });
    case 'image':
      return imageBase(context, baseImage.reference, options);
    case 'containerfile':
      return containerfileBase(context, { request: renderBaseImage(baseImage), input: baseImage }, options);
    default:
      return assertNever(baseImage);
  }
}

interface FoundBase {
  readonly request: string;
  readonly digest: string;
  /** The ref that keeps it. */
  readonly kept: string;
  /** Digest of what the spec says of how it is made. */
  readonly settings?: string;
  readonly manifest?: string;
  readonly check?: ImageCheck;
  readonly context?: string;
  readonly newer?: Resolution['install'];
  readonly newerImage?: NewerImage;
  readonly rebuild?: readonly string[];
}

function localBase(context: BuildContext, name: string, { locked, newest, demand }: BaseOptions): FoundBase {
  const { store } = context;
  const request = `local://${name}`;
  const known = locked?.request === request && hasImage(store, locked.digest) ? locked.digest : undefined;
  const digest = known !== undefined && !newest ? known : namedBase(context, name, known);
  assertAsDemanded(context, name, digest, demand);
  const check = checkOf(context, digest);
  return { request, digest, kept: `${KEPT_BASE_REFS}local/${digest}`, ...(check !== undefined && { check }) };
}

/**
 * The image that a name stands for now. Where nothing has the name any more it is, with a warning, the base that is known from before: what is layered on it
 * can be upgraded all the same. NOT_FOUND without either.
 */
function namedBase({ host, store }: BuildContext, name: string, known: string | undefined): string {
  try {
    return resolveImage(store, name);
  } catch (error) {
    if (known === undefined || !(error instanceof AptLayerError) || error.code !== 'NOT_FOUND') throw error;
    const text =
      `the base local://${name} is not in the store any more: what is layered is upgraded on the base that this system has, which stays as it is. ` +
      `For a newer one, put it there (\`apt-layer import SOURCE --ref ${name}\`), or go to another (\`apt-layer rebase apt://SUITE\`)`;
    log(host.report, 'warning', text);
    return known;
  }
}

async function archiveBase(
  context: BuildContext,
  spec: Spec,
  options: BaseOptions & { suite: string },
): Promise<FoundBase> {
  const { suite, locked } = options;
  const { host, store } = context;
  const plan = bootstrapPlan(host, spec, suite);
  const key = createHash('sha256').update(bootstrapKey(plan)).digest('hex').slice(0, 12);
  const name = `base/apt/${suite}-${key}`;
  const ref = `${name}-${codeName(CODE.base)}`;
  const request = `apt://${suite}`;
  const settings = settingsKey(context.host, spec);
  const found = (digest: string): FoundBase => ({
    request,
    digest,
    settings,
    kept: `${KEPT_BASE_REFS}apt/${suite}-${settings}/${digest}`,
  });
  // Other settings of `bootstrap` make another base of the same name.
  const isKept = locked?.request === request && findRef(store, found(locked.digest).kept) !== undefined;
  if (!options.newest && isKept) return found(locked.digest);
  if (options.onlyLocked && locked?.request === request && findRef(store, ref) !== locked.digest) {
    const { packages } = locked;
    if (locked.settings !== undefined && locked.settings !== settings) throw otherSettings();
    if (packages === undefined) log(host.report, 'warning', OLD_LOCK);
    else if (options.onlyExisting) throw notBootstrapped(suite);
    else return found(await makeLockedBase(context, plan, { ...locked, packages }, options.metadata));
  }
  // What this program would make anew still shows what would come.
  const stand = options.onlyExisting
    ? (madeBefore(store, name) ?? (isKept ? locked.digest : undefined))
    : undefined;
  const existing = findRef(store, ref) ?? stand;
  if (existing !== undefined) {
    if (!options.newest) return found(existing);
    const packages = await bootstrapPackages(context, plan, options.metadata);
    if (isMadeOf(installedIn(store, readImage(store, existing)), packages)) return found(existing);
    if (options.onlyExisting) return { ...found(existing), newer: packages };
  } else if (options.onlyExisting) throw notBootstrapped(suite);
  // The lists have just been fetched, if they were to be.
  const metadata = existing === undefined ? options.metadata : { ...options.metadata, refresh: false };
  const made = await makeBase(context, plan, { policy: metadata });
  const { digest } = made;
  recordBase(context, { request, ...made });
  const replaced = listRefs(store, `${name}-`).filter(one => one.name !== ref);
  setRef(store, ref, digest);
  for (const { name: old } of replaced) deleteRef(store, old);
  return found(digest);
}

/** The base that other code made of the same sources. */
function madeBefore(store: Store, name: string): string | undefined {
  return listRefs(store, `${name}-`)[0]?.image;
}

/** Of what the spec itself says of its base: where the machine's own sources decide, a base stays the same on another machine. */
function settingsKey({ architecture }: Host, { bootstrap: settings, snapshot }: Spec): string {
  const { keyring, ...rest } = settings;
  const input = [architecture, rest, keyring === undefined, snapshot ?? null];
  return createHash('sha256').update(JSON.stringify(input)).digest('hex').slice(0, 12);
}

/** Fetches the package lists that a base is bootstrapped from; nothing for a base of the store. */
export async function refreshBase(context: BuildContext, spec: Spec): Promise<void> {
  const { baseImage } = spec;
  if (baseImage.kind === 'apt')
    await refreshBootstrapLists(context, bootstrapPlan(context.host, spec, baseImage.suite));
}

function bootstrapPlan(host: Host, { bootstrap, snapshot }: Spec, suite: string): BootstrapPlan {
  return planBootstrap(host, { suite, ...bootstrap, checkValidUntil: snapshot === undefined });
}

function isMadeOf(
  installed: ReadonlyMap<string, InstalledPackage>,
  packages: Resolution['install'],
): boolean {
  return (
    installed.size === packages.length &&
    packages.every(one => installed.get(`${one.name}:${one.architecture}`)?.version === one.version)
  );
}

function otherSettings(): AptLayerError {
  return new AptLayerError(
    'CONFIG_INVALID',
    'the lock is not of this spec: `bootstrap` or `snapshot` says something else, or this machine is of another architecture',
    { hint: 'write a new lock with `apt-layer compose lock`' },
  );
}

function notBootstrapped(suite: string): AptLayerError {
  return new AptLayerError(
    'NOT_FOUND',
    `the base apt://${suite} is not in the store yet, so a dry run cannot tell what comes on it`,
    {
      hint: 'check the spec alone with `apt-layer compose validate`, or run it without --dry-run',
    },
  );
}
