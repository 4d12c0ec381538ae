import { isDenied, listDeployments, recordedPackages, selectDeployment } from '../../deployment/index.ts';
import { compareVersions } from '../../formats/debversion/index.ts';
import { restore, versionsInArchive } from '../../layer/index.ts';
import { openStore, readImage, storePath } from '../../store/index.ts';
import { type Sysroot, withTransaction } from '../../transaction/index.ts';
import { atSnapshot, specArchives } from '../build/index.ts';
import { packageSpecOf } from '../public/index.ts';
import { type Override, parseSpec } from '../spec/index.ts';
import { buildContext, type ChangeOptions } from './change.ts';
import { currentDeployment, currentOrigin } from './origin.ts';

type LookupOptions = Pick<ChangeOptions, 'verb' | 'commandLine' | 'waitSeconds' | 'metadata'>;

/** An override of the first deployment. */
export interface OverrideState {
  readonly package: string;
  readonly kind: Override['kind'];
  /** What the spec has it replaced with: files, addresses, a version, a suite; empty for a removal. */
  readonly with: readonly string[];
  /** The version that is there because of it; null for a removal. */
  readonly version: string | null;
  /** Since when, in seconds since the epoch: the first of the deployments that have it in an unbroken row. */
  readonly sinceSeconds: number;
  /** The newest version in the archive, when it is newer than what the override gives; else null. */
  readonly passedBy: string | null;
}

/**
 * The overrides of the first deployment, compared with what the archive has. Without root they come from public records, and nothing
 * is asked or compared: `passedBy` is null.
 */
export async function listOverrides(at: Sysroot, options: LookupOptions): Promise<OverrideState[]> {
  const deployment = selectDeployment(at);
  const { overrides } = packageSpecOf(at, deployment.id);
  if (overrides.length === 0) return [];
  const packages = [...recordedPackages(at, deployment).values()];
  const names = overrides.map(one => one.package);
  const versions = await archiveVersions(at, { ...options, names });
  return overrides.map(override => {
    const version = versionOf(override, packages);
    const newest = [...(versions.get(override.package) ?? [])].sort(compareVersions).at(-1);
    const isPassed = version !== null && newest !== undefined && compareVersions(newest, version) > 0;
    return {
      package: override.package,
      kind: override.kind,
      with: replacementsOf(override),
      version,
      sinceSeconds: since(at, override),
      passedBy: isPassed ? newest : null,
    };
  });
}

/** What the archive has of each; nothing for who may not look at its lists, and so takes no lock either. */
async function archiveVersions(
  at: Sysroot,
  options: LookupOptions & { readonly names: readonly string[] },
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { verb, commandLine, waitSeconds, metadata, names } = options;
  try {
    openStore(at.host, storePath(at.sysroot));
  } catch (error) {
    if (!isDenied(error)) throw error;
    return new Map();
  }
  return withTransaction(at, { verb, commandLine, wait: waitSeconds }, async transaction => {
    const context = buildContext(transaction);
    const { id, specText } = currentOrigin(transaction);
    const digest = currentDeployment(transaction).image;
    const archives = specArchives(atSnapshot(parseSpec(specText, `${id}/spec.yaml`)), metadata);
    const image = { digest, tree: restore(readImage(context.store, digest)), archives };
    return versionsInArchive(context, image, { names, metadata });
  });
}

function versionOf(
  override: Override,
  packages: readonly { readonly name: string; readonly architecture: string; readonly version: string }[],
): string | null {
  if (override.kind === 'remove') return null;
  if (override.kind === 'version') return override.version;
  const found = packages.find(({ name, architecture }) =>
    [name, `${name}:${architecture}`].includes(override.package),
  );
  return found?.version ?? null;
}

function replacementsOf(override: Override): string[] {
  switch (override.kind) {
    case 'with':
      return override.debs.map(deb => (deb.kind === 'file' ? deb.path : deb.url));
    case 'version':
      return [override.version];
    case 'suite':
      return [override.suite];
    default:
      return [];
  }
}

function since(at: Sysroot, override: Override): number {
  const newestFirst = [...listDeployments(at)].sort((a, b) => b.createdSeconds - a.createdSeconds);
  let found = newestFirst[0]?.createdSeconds ?? 0;
  for (const one of newestFirst) {
    const { overrides } = packageSpecOf(at, one.id);
    if (!overrides.some(other => JSON.stringify(other) === JSON.stringify(override))) break;
    found = one.createdSeconds;
  }
  return found;
}
