import { listDeployments, readOrigin } from '../../deployment/index.ts';
import { compareVersions } from '../../formats/debversion/index.ts';
import { restore, versionsInArchive } from '../../layer/index.ts';
import { readImage } from '../../store/index.ts';
import { type Sysroot, withTransaction } from '../../transaction/index.ts';
import { atSnapshot, specArchives } from '../build/index.ts';
import { type Override, parseSpec, type Spec } from '../spec/index.ts';
import { buildContext, type ChangeOptions } from './change.ts';
import { type CurrentOrigin, currentDeployment, currentOrigin } from './origin.ts';

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

/** The overrides of the first deployment, compared with what the archive has. */
export async function listOverrides(
  at: Sysroot,
  options: Pick<ChangeOptions, 'verb' | 'commandLine' | 'waitSeconds' | 'metadata'>,
): Promise<OverrideState[]> {
  const { verb, commandLine, waitSeconds, metadata } = options;
  if (specOf(currentOrigin(at)).overrides.length === 0) return [];
  return withTransaction(at, { verb, commandLine, wait: waitSeconds }, async transaction => {
    const context = buildContext(transaction);
    const origin = currentOrigin(transaction);
    const spec = specOf(origin);
    const { overrides } = spec;
    const digest = currentDeployment(transaction).image;
    const archives = specArchives(atSnapshot(spec), metadata);
    const image = { digest, tree: restore(readImage(context.store, digest)), archives };
    const names = overrides.map(one => one.package);
    const versions = await versionsInArchive(context, image, { names, metadata });
    return overrides.map(override => {
      const version = versionOf(override, origin.lock.packages);
      const newest = [...(versions.get(override.package) ?? [])].sort(compareVersions).at(-1);
      const isPassed = version !== null && newest !== undefined && compareVersions(newest, version) > 0;
      return {
        package: override.package,
        kind: override.kind,
        with: replacementsOf(override),
        version,
        sinceSeconds: since(transaction, override),
        passedBy: isPassed ? newest : null,
      };
    });
  });
}

function specOf({ id, specText }: CurrentOrigin): Spec {
  return parseSpec(specText, `${id}/spec.yaml`);
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
    const spec: Spec = parseSpec(readOrigin(at, one.id).specText, `${one.id}/spec.yaml`);
    if (!spec.overrides.some(other => JSON.stringify(other) === JSON.stringify(override))) break;
    found = one.createdSeconds;
  }
  return found;
}
