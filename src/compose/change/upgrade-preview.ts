import { type ArchivedPackage, archivesDirectory, type Changelog } from '../../apt/index.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { compareVersions } from '../../formats/debversion/index.ts';
import { lookupDirectory } from '../../formats/tree/index.ts';
import { type BuildContext, packageRef, packagesInArchive } from '../../layer/index.ts';
import { findRef, readImage } from '../../store/index.ts';
import { type Sysroot, withTransaction } from '../../transaction/index.ts';
import { type BuildPlan, type NewerImage, packagesAfter } from '../build/index.ts';
import {
  type ChangedPackage,
  changelogOf,
  comparePackages,
  imageRecords,
  type PackageComparison,
  type Records,
} from '../packages/index.ts';
import { enforcePolicy } from '../policy/index.ts';
import { type VulnerabilityChange, vulnerabilityChange } from '../vulnerabilities/index.ts';
import { type KeptPackage, planUpgrade } from './blocked.ts';
import { buildContext } from './change.ts';
import { currentDeployment, editOrigin } from './origin.ts';
import { systemAfter } from './system-after.ts';
import type { UpgradeOptions } from './upgrade.ts';

/** What is known of a package that an upgrade brings, beside its versions. */
export interface Incoming {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  /** Bytes that are still to be fetched. */
  readonly downloadBytes: number;
  /** It fixes something for which there was a security update since the version that is there. */
  readonly isSecurity: boolean;
  /** Where the version comes from, as `LABEL SUITE`. */
  readonly origins: readonly string[];
  /** Undefined when it is not at hand: changelogs are in packages, and come with them. */
  readonly changelog: Changelog | undefined;
}

/** A security update that the upgrade does not bring. */
export interface MissedUpdate {
  readonly name: string;
  readonly architecture: string;
  readonly installed: string;
  readonly available: string;
}

export interface UpgradePreview {
  /** Whether an upgrade would make a deployment. */
  readonly available: boolean;
  readonly base: {
    readonly request: string;
    /** Digest of the base of the first deployment. */
    readonly current: string | null;
    /** Digest of the one that an upgrade would use; null when it is still to be made. */
    readonly newest: string | null;
    /** An image in a registry that is still to be fetched: what it changes in packages is known once it is here. */
    readonly newestImage: NewerImage | null;
    /** Why an engine would build another one of a Containerfile, as far as that is known without building. */
    readonly rebuild: readonly string[];
  };
  readonly changes: PackageComparison;
  /** By `name:architecture`. */
  readonly incoming: ReadonlyMap<string, Incoming>;
  readonly downloadBytes: number;
  readonly missed: readonly MissedUpdate[];
  readonly kept: readonly KeptPackage[];
  readonly keepsBase: boolean;
  /** What it does to the known vulnerabilities; undefined where there is no data at hand. */
  readonly vulnerabilities: VulnerabilityChange | undefined;
}

/** What `upgradeSystem` would do. Fetches package lists; makes neither base, nor image, nor deployment. */
export function previewUpgrade(at: Sysroot, options: UpgradeOptions): Promise<UpgradePreview> {
  const { verb, commandLine, waitSeconds } = options;
  return withTransaction(at, { verb, commandLine, wait: waitSeconds }, async transaction => {
    const context = buildContext(transaction);
    const { spec, origin, text, file } = editOrigin(transaction, options.edits);
    const current = currentDeployment(transaction);
    const { metadata, skipBlocked } = options;
    const planOptions = { build: { metadata, dryRun: true }, lock: origin.lock, skipBlocked };
    const { plan, kept, keepsBase } = await planUpgrade(context, spec, planOptions);
    await enforcePolicy(context, plan, {
      texts: [{ file, text }],
      force: options.forcePolicy,
      offline: metadata.offline === true,
    });
    const before = imageRecords(context.store, current.image);
    const after = packagesAfter(context, plan);
    const names = new Set([...before.values(), ...after.values()].map(one => one.name));
    const archived = await packagesInArchive(context, plan.prepared, names);
    const changes = comparePackages(before, withSizes(after, before, archived));
    const incoming = await incomingOf(context, { plan, changes, archived });
    const { request, digest, newer, newerImage, rebuild = [] } = plan.base;
    const isNewest = newer === undefined && newerImage === undefined && rebuild.length === 0;
    const newest = isNewest ? digest : null;
    const newestImage = newerImage ?? null;
    const base = { request, current: current.base?.digest ?? null, newest, newestImage, rebuild };
    return {
      available: !isEmpty(changes) || base.current !== newest,
      base,
      changes,
      incoming,
      downloadBytes: [...incoming.values()].reduce(
        (sum, one) => sum + one.downloadBytes,
        newestImage?.bytes ?? 0,
      ),
      missed: missedUpdates(after, archived),
      kept,
      keepsBase,
      vulnerabilities: vulnerabilityChange(transaction, () =>
        systemAfter(transaction, current, { after, archived }),
      ),
    };
  });
}

type Installed = ReturnType<typeof packagesAfter>;

/** What it says of a package that stays the same is known; of the others, the archive says it. */
function withSizes(after: Installed, before: Records, archived: readonly ArchivedPackage[]): Records {
  const facts = new Map(archived.map(one => [keyOf(one), one]));
  return new Map(
    [...after].map(([key, { name, architecture, version }]) => {
      const same = before.get(key);
      if (same?.version === version) return [key, same];
      const fact = facts.get(keyOf({ name, architecture, version }));
      const { installedBytes = 0, source = name, summary = '' } = fact ?? {};
      return [key, { name, architecture, version, installedBytes, source, summary }];
    }),
  );
}

async function incomingOf(
  context: BuildContext,
  known: { plan: BuildPlan; changes: PackageComparison; archived: readonly ArchivedPackage[] },
): Promise<Map<string, Incoming>> {
  const { plan, changes, archived } = known;
  const debs = new Map(
    [...(plan.base.newer ?? []), ...plan.resolution.install].map(one => [keyOf(one), one]),
  );
  const changed = [...changes.upgraded, ...changes.downgraded].map(one => ({ ...one, version: one.to }));
  const added = changes.added.map(one => ({ ...one, from: undefined }));
  const found = new Map<string, Incoming>();
  for (const { name, architecture, version, from } of [...changed, ...added]) {
    const versions = archived.filter(one => one.name === name && one.architecture === architecture);
    const sources = versions.filter(one => one.version === version);
    const deb = debs.get(keyOf({ name, architecture, version }));
    found.set(`${name}:${architecture}`, {
      name,
      architecture,
      version,
      downloadBytes: deb === undefined || isAtHand(context, deb) ? 0 : deb.size,
      isSecurity: versions.some(one => isFix(one, { from, to: version })),
      origins: [
        ...new Set(sources.map(({ origin }) => `${origin.label} ${origin.codename || origin.suite}`.trim())),
      ],
      changelog:
        deb?.sha256 === undefined || from === undefined
          ? undefined
          : await importedChangelog(context, deb.sha256, { name, architecture, from, to: version }),
    });
  }
  return found;
}

/** Whether a security update lies on the way from one version to the other. */
function isFix(one: ArchivedPackage, { from, to }: { from: string | undefined; to: string }): boolean {
  return (
    one.origin.isSecurity &&
    from !== undefined &&
    compareVersions(one.version, from) > 0 &&
    compareVersions(one.version, to) <= 0
  );
}

function isAtHand(
  { host, store, sysroot }: BuildContext,
  deb: { readonly sha256: string | undefined; readonly fileName: string; readonly size: number },
): boolean {
  if (deb.sha256 !== undefined && findRef(store, packageRef(deb.sha256)) !== undefined) return true;
  return host.sys.lstatIfExists(`${archivesDirectory(sysroot)}/${deb.fileName}`)?.size === deb.size;
}

/** The changelog in a package that was imported already. */
async function importedChangelog(
  context: BuildContext,
  sha256: string,
  wanted: { name: string; architecture: string } & Pick<ChangedPackage, 'from' | 'to'>,
): Promise<Changelog | undefined> {
  const image = findRef(context.store, packageRef(sha256));
  if (image === undefined) return undefined;
  const data = lookupDirectory(readImage(context.store, image), fromText('/data'));
  return data === undefined ? undefined : changelogOf(context, data, wanted);
}

/** The newest security update of each package that the system will have an older version of. */
function missedUpdates(after: Installed, archived: readonly ArchivedPackage[]): MissedUpdate[] {
  const missed = new Map<string, MissedUpdate>();
  for (const { name, architecture, version, origin } of archived) {
    const key = `${name}:${architecture}`;
    const installed = after.get(key)?.version;
    if (!origin.isSecurity || installed === undefined) continue;
    const newest = missed.get(key)?.available ?? installed;
    if (compareVersions(version, newest) > 0)
      missed.set(key, { name, architecture, installed, available: version });
  }
  return [...missed.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isEmpty({ added, removed, upgraded, downgraded }: PackageComparison): boolean {
  return added.length + removed.length + upgraded.length + downgraded.length === 0;
}

function keyOf(one: { name: string; architecture: string; version: string }): string {
  return `${one.name}:${one.architecture}=${one.version}`;
}
