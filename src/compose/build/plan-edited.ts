import { type AptRequest, LOCAL_DEBS, type Resolution } from '../../apt/index.ts';
import { statusOf } from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { hashFile } from '../../fs/index.ts';
import {
  type BuildContext,
  type BuiltImage,
  imageOf,
  type MetadataPolicy,
  resolvePackages,
  type SourcedImage,
} from '../../layer/index.ts';
import { step } from '../../report/index.ts';
import { findRef, readImage } from '../../store/index.ts';
import { type Lock, type LockedPackage, lockedKey } from '../lock/index.ts';
import { type DebRequest, isDebRequest, type PackageRequest, packageKey, type Spec } from '../spec/index.ts';
import type { Base } from './base.ts';
import { installedBytesOf, resolvedOf } from './base-packages.ts';
import { type EditedFrom, keepingStages, packageEdit } from './edited.ts';
import { withNamedPolicies } from './file-policies.ts';
import { lockOf } from './lock-of.ts';
import { withMarks } from './marks.ts';
import { neededPackages } from './needed.ts';
import { withAptSettings } from './prepared.ts';
import { aptArgument, requestOf } from './request-of.ts';
import { planStages } from './stage-plan.ts';

interface EditedSources {
  /** The spec after the edit, as it is written and with paths that lead to something. */
  readonly wanted: Spec;
  readonly spec: Spec;
  readonly from: EditedFrom;
  readonly base: Base;
  /** Of the base, with what the spec says of archives. */
  readonly prepared: SourcedImage;
  readonly metadata: MetadataPolicy;
  readonly pathOf: (deb: DebRequest) => string;
  readonly originOf: (path: string) => string;
  readonly isInBase: (name: string) => boolean;
}

export interface EditedPlan {
  readonly prepared: SourcedImage;
  readonly request: AptRequest;
  readonly resolution: Resolution;
  readonly lock: Lock;
  readonly isLocked: (one: Pick<LockedPackage, 'name' | 'architecture'>) => boolean;
}

/**
 * The plan of a deployment whose spec is edited: what is there stays as it is, in its stages. What is added comes as `apt-get install` would bring
 * it in the system of the last stage; what is no longer asked for goes as `apt-get autoremove` would take it. Undefined where the edit asks for
 * other packages in another way, or the system of the last stage is not in the store: then packages are resolved from the base.
 */
export async function planEdited(
  context: BuildContext,
  sources: EditedSources,
): Promise<EditedPlan | undefined> {
  const { wanted, spec, from, base, prepared, isInBase } = sources;
  const edit = packageEdit(from.spec, wanted);
  const { lock } = from;
  if (edit.kind === 'other' || base.request !== lock.base.request || base.digest !== lock.base.digest)
    return undefined;
  const files = filesOf(context, sources);
  const native = context.host.architecture;
  const request = requestOf(spec, { lock: undefined, pathOf: sources.pathOf, isInBase, native });
  const made = (now: readonly LockedPackage[], more: Pick<EditedPlan, 'prepared'> & AddedPackages) =>
    editedPlan(context, { sources, request, files, now, ...more });
  if (edit.kind === 'none') return made(lock.packages, { prepared, ...NOTHING });
  const last = lastStage(context, sources);
  if (last === undefined) return undefined;
  if (edit.kind === 'remove') {
    // What replaces packages of the base may be there for the sake of others.
    if (spec.overrides.length > 0 || lock.packages.some(one => isInBase(lockedKey(one)))) return undefined;
    const names = spec.layers.filter(one => !isDebRequest(one)).map(one => nameOf(packageKey(one)));
    const marked = lockOf(context, {
      ...sources,
      ...NOTHING,
      request,
      known: lock,
      kept: lock.packages,
      files,
    });
    const status = statusOf(context.store, last.tree);
    const needed = neededPackages(marked.packages, { status, recommends: spec.recommends, names });
    return made(needed, { prepared, ...NOTHING });
  }
  const image = systemOf(context, sources, last);
  const added = await addedPackages(context, image, { sources, added: edit.added }).catch(ifUnresolved);
  if (added === undefined) return undefined;
  return made(
    lock.packages.filter(one => !isReplaced(one, added.resolution)),
    { prepared: image, ...added },
  );
}

/** From the base it may be possible, and else it is said of the base why not. */
function ifUnresolved(error: unknown): undefined {
  if (error instanceof AptLayerError && error.code === 'RESOLVE_FAILED') return undefined;
  throw error;
}

interface AddedPackages {
  /** New files of the request. */
  readonly newFiles: readonly string[];
  readonly resolution: Resolution;
}

const NOTHING: AddedPackages = { newFiles: [], resolution: { install: [], remove: [], installedBytes: 0 } };

/** What apt would do for what is added in the system of the last stage. */
async function addedPackages(
  context: BuildContext,
  image: SourcedImage,
  { sources, added }: { sources: EditedSources; added: readonly PackageRequest[] },
): Promise<AddedPackages> {
  const { spec, from, metadata, pathOf, isInBase } = sources;
  const { packages } = from.lock;
  const isThere = (one: PackageRequest) => {
    if (isDebRequest(one)) return false;
    const means = one.architecture === undefined ? [context.host.architecture, 'all'] : [one.architecture];
    const locked = packages.filter(
      ({ name, architecture }) => name === one.name && means.includes(architecture),
    );
    if (one.kind === 'version') return locked.some(other => other.version === one.version);
    return one.kind === 'name' && (locked.length > 0 || isInBase(packageKey(one)));
  };
  const asked = added.filter(one => !isThere(one));
  const places = new Map(sources.wanted.layers.map((one, index) => [one, spec.layers[index]]));
  const newFiles = asked
    .map(one => places.get(one))
    .flatMap(one => (one !== undefined && isDebRequest(one) ? [pathOf(one)] : []));
  const request: AptRequest = {
    install: asked.flatMap(one => (isDebRequest(one) ? [] : [aptArgument(one)])),
    files: newFiles,
    remove: [],
    withoutRecommends: !spec.recommends,
    prefer: [],
  };
  const automatic = new Set(
    packages.filter(one => !one.requested).flatMap(one => [one.name, lockedKey(one)]),
  );
  const resolution = await step(context.host.report, 'resolve', 'Resolving packages', () =>
    resolvePackages(context, image, { request, metadata, mayRemove: name => automatic.has(name) }),
  );
  return { newFiles, resolution };
}

/** Whether apt replaces or removes a package; between `all` and an architecture it is the same one. */
function isReplaced({ name, architecture }: LockedPackage, { install, remove }: Resolution): boolean {
  return (
    remove.some(one => one === name || one === `${name}:${architecture}`) ||
    install.some(
      one =>
        one.name === name &&
        (one.architecture === architecture || [one.architecture, architecture].includes('all')),
    )
  );
}

function editedPlan(
  context: BuildContext,
  made: {
    readonly sources: EditedSources;
    readonly request: AptRequest;
    readonly files: ReadonlyMap<string, string>;
    /** Packages that stay. */
    readonly now: readonly LockedPackage[];
  } & AddedPackages &
    Pick<EditedPlan, 'prepared'>,
): EditedPlan {
  const { sources, files, now, newFiles, resolution, prepared } = made;
  const { from } = sources;
  const request = { ...made.request, files: [...newFiles, ...files.values()] };
  const { removed = [], expired = [] } = from.lock;
  const counted = [...new Set([...expired, ...(resolution.expired ?? [])])];
  const locked = lockOf(context, {
    ...sources,
    ...{ request, files, known: from.lock, kept: now },
    resolution: { ...resolution, remove: removed, ...(counted.length > 0 && { expired: counted }) },
  });
  const lock = keepingStages(context, from, locked);
  const stays = new Set(now.map(lockedKey));
  const places = [...files.keys()];
  const install = now.map(one => {
    const index = places.indexOf(one.sha256);
    return index < 0 ? resolvedOf(one) : resolvedOf(one, `file:${LOCAL_DEBS}/${newFiles.length + index}.deb`);
  });
  return {
    ...{ prepared, request, lock },
    resolution: {
      install: [...install, ...resolution.install],
      remove: removed,
      installedBytes: resolution.installedBytes + installedBytesOf(now),
    },
    isLocked: one => stays.has(lockedKey(one)),
  };
}

/** The files of the spec that the lock has, by their SHA-256. */
function filesOf({ host }: BuildContext, { spec, from, pathOf }: EditedSources): Map<string, string> {
  const locked = new Set(from.lock.packages.map(one => one.sha256));
  const debs = [
    ...spec.layers.filter(isDebRequest),
    ...spec.overrides.flatMap(one => (one.kind === 'with' ? one.debs : [])),
  ];
  return new Map(
    debs
      .map(deb => [hashFile(host.sys, pathOf(deb)), pathOf(deb)] as const)
      .filter(([sha256]) => locked.has(sha256)),
  );
}

/** The tree of the last stage of the deployment that is edited. */
function lastStage(context: BuildContext, { from, base, originOf }: EditedSources): BuiltImage | undefined {
  const { store } = context;
  const spec = withNamedPolicies({ ...from, originOf });
  const last = planStages(context, { spec, base, lock: from.lock }).stages.at(-1);
  if (last === undefined) return undefined;
  const digest = findRef(store, last.ref) ?? findRef(store, last.lenientRef);
  return digest === undefined ? undefined : { digest, tree: readImage(store, digest) };
}

/** That tree as apt is to see it: with the lock's marks, and what the spec says of archives. */
function systemOf(
  context: BuildContext,
  { spec, from, base, prepared }: EditedSources,
  last: BuiltImage,
): SourcedImage {
  const tree = withMarks(context, withAptSettings(context, last.tree, spec), { lock: from.lock, base });
  return { ...imageOf(context, tree), archives: prepared.archives };
}

function nameOf(key: string): string {
  return key.replace(/:.*$/, '');
}
