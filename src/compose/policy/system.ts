import type { ArchivedPackage, InstalledPackage, KnownArchive, PackageRecord } from '../../apt/index.ts';
import { distributionOf, installedIn, vendorOf } from '../../deployment/index.ts';
import { archivesAtHand, type BuildContext, packagesInArchive } from '../../layer/index.ts';
import { readImage } from '../../store/index.ts';
import type { Distribution, SystemPackage } from '../../vulnerabilities/index.ts';
import { type BuildPlan, packagesAfter } from '../build/index.ts';
import { recordsIn } from '../packages/index.ts';
import { rollingRelease, systemPackage } from '../vulnerabilities/index.ts';
import type { PolicyPackage } from './findings.ts';

/** A system as rules see it. */
export interface JudgedSystem {
  /** Undefined where its os-release does not say. */
  readonly distribution: Distribution | undefined;
  readonly packages: readonly PolicyPackage[];
  /** Those of which is known what they were built of. */
  readonly assessed: readonly SystemPackage[];
  /** How many are not known so well before they are there. */
  readonly unknown: number;
}

/** What data and rules ask of one package. */
interface Facts extends InstalledPackage {
  readonly record: PackageRecord | undefined;
  /** Where its .deb is from; undefined for what came with an image. */
  readonly address: string | undefined;
  /** What the lists at hand say of this version. */
  readonly archived: readonly ArchivedPackage[];
}

type Archives = Awaited<ReturnType<typeof archivesAtHand>>;

/**
 * The system of a plan: as it will be, by its base and the lists of its archives, or with `image` as it was built, by its own records. Fetches
 * no lists.
 */
export async function judgedSystem(
  context: BuildContext,
  plan: BuildPlan,
  image: string | undefined,
): Promise<JudgedSystem> {
  const { store } = context;
  const { base, lock } = plan;
  const tree = image === undefined ? base.tree : readImage(store, image);
  const records = recordsIn(store, tree);
  const after = image === undefined ? packagesAfter(context, plan) : records;
  const addresses = new Map(
    [...(base.packages ?? []), ...(base.newer ?? []), ...lock.packages].map(one => [exactly(one), one.uri]),
  );
  const archives = await archivesAtHand(context, plan.prepared);
  const names = new Set([...after.values()].map(one => one.name));
  const listed = new Map<string, ArchivedPackage[]>();
  for (const one of await packagesInArchive(context, plan.prepared, names))
    listed.set(exactly(one), [...(listed.get(exactly(one)) ?? []), one]);
  const found = distributionOf(store, tree);
  const distribution = found === undefined ? undefined : rollingRelease(found, base.request);
  const inBase = installedIn(store, base.tree);
  const judged = [...after].map(([key, { name, architecture, version }]) => {
    const record = records.get(key);
    const facts: Facts = {
      ...{ name, architecture, version, record: record?.version === version ? record : undefined },
      address: addresses.get(exactly({ name, architecture, version })),
      archived: listed.get(exactly({ name, architecture, version })) ?? [],
    };
    return {
      package: { name, architecture, version, archives: archivesOf(facts, archives, distribution) },
      assessed: assessedOf(facts, { archives, distribution, isInBase: inBase.has(key) }),
    };
  });
  const assessed = judged.flatMap(one => one.assessed ?? []);
  return {
    distribution,
    packages: judged.map(one => one.package),
    assessed,
    unknown: judged.length - assessed.length,
  };
}

function exactly({ name, architecture, version }: InstalledPackage): string {
  return `${name}:${architecture}=${version}`;
}

/** The archives that a package may be of. That of a version which is in no list any more is one of those at its address. */
function archivesOf(facts: Facts, archives: Archives, distribution: Distribution | undefined): string[] {
  const { address, archived } = facts;
  if (address === undefined) {
    const vendor = vendorIn(facts, archives, distribution);
    return [vendor === '' ? 'unknown/unknown' : `${vendor}/`];
  }
  const atAddress = archives.filter(({ uri }) => address.startsWith(uri)).map(one => one.origin);
  if (atAddress.length === 0 && address.startsWith('file:')) return ['local/file'];
  const origins = archived.length > 0 ? archived.map(one => one.origin) : atAddress;
  const names = origins.flatMap(({ vendor, suite, codename }) =>
    [suite, codename].filter(one => one !== '').map(one => `${vendor || 'unknown'}/${one}`),
  );
  if (names.length > 0) return [...new Set(names)];
  const vendor = vendorIn(facts, archives, distribution);
  return [vendor === '' ? 'unknown/unknown' : `${vendor}/`];
}

function assessedOf(
  facts: Facts,
  of: {
    readonly archives: Archives;
    readonly distribution: Distribution | undefined;
    readonly isInBase: boolean;
  },
): SystemPackage | undefined {
  const { record, archived } = facts;
  const { archives, distribution, isInBase } = of;
  const said = vendorIn(facts, archives, distribution);
  // What may be the distribution's counts as that, or it would pass for want of lists.
  const vendor = said === '' && isOfUnknownArchive(facts, archives) ? (distribution?.id ?? '') : said;
  if (record !== undefined) return systemPackage({ ...record, isInBase, vendor });
  const [fact] = archived;
  if (fact === undefined) return undefined;
  const { name, architecture, version: packageVersion } = facts;
  const { source, sourceVersion: version, builtUsing } = fact;
  return { name, architecture, packageVersion, source, version, builtUsing, vendor, isInBase };
}

/** Whether it was fetched from an archive of which there are no lists. */
function isOfUnknownArchive({ address }: Facts, archives: Archives): boolean {
  return (
    address !== undefined &&
    !address.startsWith('file:') &&
    !archives.some(({ uri }) => address.startsWith(uri))
  );
}

function vendorIn(
  { record, version, address }: Facts,
  archives: Archives,
  distribution: Distribution | undefined,
): string {
  const known = archives.map(({ uri, origin }): KnownArchive => ({ uri, vendor: origin.vendor }));
  const said = record ?? { version, declaredVendor: '', maintainer: '' };
  return record === undefined && address === undefined
    ? ''
    : vendorOf(said, { address, archives: known, distribution });
}
