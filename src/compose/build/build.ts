import { createHash } from 'node:crypto';
import type { Resolution } from '../../apt/index.ts';
import { toText } from '../../formats/bytes/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import {
  type AccountIds,
  accountIds,
  assertModulesBuilt,
  type BuildContext,
  type BuiltImage,
  clampTimes,
  describeImageFinding,
  epochOf,
  finishTree,
  type ImageFinding,
  imageOf,
  type MetadataPolicy,
  mergeIds,
  withInitramfs,
  withoutSecrets,
} from '../../layer/index.ts';
import { step } from '../../report/index.ts';
import { findRef, readContent, readImage, setRefs } from '../../store/index.ts';
import {
  applyAccounts,
  applyDebconf,
  applyScripts,
  applyServices,
  placeFiles,
  withHolds,
  withInitramfsSettings,
} from '../apply/index.ts';
import type { Lock } from '../lock/index.ts';
import { type CanonicalJson, inputFiles, type Spec, specDigestInput } from '../spec/index.ts';
import type { Base } from './base.ts';
import { inputDigest } from './input-digest.ts';
import { installPlanned } from './install.ts';
import { keepInputs } from './kept-inputs.ts';
import type { BuildPlan } from './plan.ts';
import { strictnessOf } from './scripts-policy.ts';

/** Part of every build's key: a change here builds everything anew. */
const BUILD_VERSION = 12;

export interface BuildResult {
  /** Digest of the finished image. */
  readonly image: string;
  readonly base: Base;
  readonly lock: Lock;
  readonly resolution: Resolution;
  /** The same inputs had been built before. */
  readonly cached: boolean;
  /** What was found that the packages do not account for; nothing of a build that was done before. */
  readonly findings: readonly BuildFinding[];
}

/** A path that is not as its package ships it, or that no package has, though no maintainer script names it. */
export interface BuildFinding {
  readonly kind: ImageFinding['kind'];
  readonly path: string;
  /** Info name of the package that ships it; null where none does. */
  readonly package: string | null;
  readonly differs: readonly string[];
  /** Packages whose scripts may have done it. */
  readonly suspects: readonly string[];
  /** One line for people. */
  readonly text: string;
}

/** Builds the image of a plan and keeps it under a ref named by the digest of its inputs. Durable when it returns. */
export async function buildPlanned(
  context: BuildContext,
  plan: BuildPlan,
  metadata: MetadataPolicy,
): Promise<BuildResult> {
  const { store } = context;
  const inputs = digestsOf(context, plan.spec);
  await keepInputs(context, inputs);
  const strictness = strictnessOf(plan.spec);
  const ref = refOf(plan, inputs, strictness);
  const existing = findRef(store, ref);
  const image =
    existing === undefined
      ? await runBuild(context, plan, { metadata, reuse: true })
      : { digest: existing, tree: readImage(store, existing), findings: [] };
  const ids = accountIds(image.tree, file => readContent(store, file));
  const lock = withInputs(withIds(plan.lock, ids), plan, inputs);
  if (existing === undefined)
    // The lock that comes out would give the same image, and so would a spec that is less strict.
    setRefs(
      store,
      [
        ...new Set(
          [plan, { ...plan, lock }].flatMap(one => [
            refOf(one, inputs, strictness),
            refOf(one, inputs, undefined),
          ]),
        ),
      ].map(name => ({ name, image: image.digest })),
    );
  return {
    image: image.digest,
    base: plan.base,
    lock,
    resolution: plan.resolution,
    cached: existing !== undefined,
    findings: image.findings.filter(({ severity }) => severity === 'warning').map(findingOf),
  };
}

/**
 * Builds the image of a plan, whether or not it was built before. Nothing refers to it yet. With `reuse` an initramfs may
 * come from an earlier build.
 */
export async function runBuild(
  context: BuildContext,
  plan: BuildPlan,
  { metadata, reuse }: { readonly metadata: MetadataPolicy; readonly reuse: boolean },
): Promise<BuiltImage & { readonly findings: readonly ImageFinding[] }> {
  const { spec, resolution } = plan;
  const answered = await applyDebconf(context, plan.prepared.tree, spec.debconf);
  // What debconf wrote is no newer than the base: the newest time of the base is what others are clamped to.
  const prepared =
    answered === plan.prepared.tree
      ? plan.prepared
      : {
          ...imageOf(context, clampTimes(answered, epochOf(plan.prepared.tree, []))),
          archives: plan.prepared.archives,
        };
  const changes = resolution.install.length + resolution.remove.length > 0;
  const {
    tree: base,
    epochSeconds,
    notes: { findings },
  } = changes
    ? await installPlanned(context, { ...plan, prepared }, metadata)
    : { tree: prepared.tree, epochSeconds: epochOf(prepared.tree, []), notes: { findings: [] } };
  const configured = await applySystem(context, base, spec);
  assertModulesBuilt(configured, file => readContent(context.store, file), context.logPath);
  const initialised = await withInitramfs(context, withoutSecrets(context, configured), { reuse });
  const finished = finishTree(context, initialised, { epochSeconds, ids: knownIds(plan.lock) });
  const image = await step(context.host.report, 'write-image', 'Writing the image', () =>
    imageOf(context, finished),
  );
  return { ...image, findings };
}

function findingOf(finding: ImageFinding): BuildFinding {
  const { kind, path, package: shipper, differs, suspects } = finding;
  const text = describeImageFinding(finding);
  return { kind, path: toText(path), package: shipper ?? null, differs, suspects, text };
}

/** The tree with everything of a spec that is neither package nor policy, in the order in which it may build on each other. */
async function applySystem(context: BuildContext, tree: Tree, spec: Spec): Promise<Tree> {
  const populated = await applyAccounts(context, tree, spec);
  const placed = placeFiles(context, populated, spec.files);
  const served = await applyServices(context, placed, spec.services);
  const scripted = await applyScripts(context, served, spec.scripts);
  return withInitramfsSettings(context, withHolds(context, scripted, spec.holds), spec.initramfs);
}

/** The numbers of accounts that an image has to keep to, in one order. */
function knownIds({ users = {}, groups = {} }: Lock): AccountIds {
  const sorted = (ids: Readonly<Record<string, number>>) => Object.fromEntries(Object.entries(ids).sort());
  return { users: sorted(users), groups: sorted(groups) };
}

/** A lock that also has the accounts of the image that was built from it. Those that are gone keep their numbers. */
function withIds(lock: Lock, ids: AccountIds): Lock {
  const { users, groups } = mergeIds(ids, knownIds(lock));
  return { ...lock, users, groups };
}

/** A lock that names what the spec reads, so that it is kept. */
function withInputs(
  { inputs: _, ...lock }: Lock,
  { originOf }: BuildPlan,
  digests: ReadonlyMap<string, string>,
): Lock {
  if (digests.size === 0) return lock;
  return {
    ...lock,
    inputs: Object.fromEntries([...digests].map(([path, digest]) => [originOf(path), digest])),
  };
}

/** The ref that keeps a build, named by all that decides its result, and by what might have refused it. */
function refOf(
  plan: BuildPlan,
  inputs: ReadonlyMap<string, string>,
  strictness: CanonicalJson | undefined,
): string {
  const input = {
    version: BUILD_VERSION,
    base: plan.base.digest,
    spec: specDigestInput(plan.spec, path => inputs.get(path) ?? ''),
    packages: plan.lock.packages,
    ids: knownIds(plan.lock),
    remove: plan.resolution.remove,
    ...(strictness !== undefined && { strictness }),
  };
  return `build/${createHash('sha256').update(JSON.stringify(input)).digest('hex')}`;
}

/** The digest of each file and directory that a spec reads, by path. */
function digestsOf(context: BuildContext, spec: Spec): Map<string, string> {
  return new Map(inputFiles(spec).map(path => [path, inputDigest(context.host.sys, path)]));
}
