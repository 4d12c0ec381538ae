import { type Deployment, isDenied, storePath } from '../../deployment/index.ts';
import { relationsIfRight } from '../../formats/deb822/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import { newestTime } from '../../oci/index.ts';
import { log } from '../../report/index.ts';
import type { BinaryPackage, Inventory, Licence, SourcePackage } from '../../sbom/index.ts';
import { openStore, readImage, type Store } from '../../store/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { dependencyGraph } from '../explain/index.ts';
import { type RecordedSystem, recordsOfDeployment, recordsOfImage } from '../vulnerabilities/index.ts';
import { hashesOf, versionKey } from './hashes.ts';
import { licenceReader } from './licences.ts';
import { neededBy } from './needs.ts';

/** What an inventory is taken of: an image, and a deployment of it where there is one, whose record and lock know more. */
export interface Inventoried {
  readonly image: string;
  readonly deployment: Deployment | undefined;
}

/**
 * What is in an image. Without root it is made from the public record of its deployment, and a warning says what that leaves out: licences,
 * and hashes of what the base brings.
 */
export function inventoryOf(
  at: Sysroot,
  { image, deployment }: Inventoried,
  programVersion: string,
): Inventory {
  const { distribution, packages }: RecordedSystem =
    deployment === undefined ? recordsOfImage(at, image) : recordsOfDeployment(at, deployment);
  const seen = imageIfAllowed(at, image);
  const licences: (name: string) => Licence | undefined =
    seen === undefined ? () => undefined : licenceReader(seen.store, seen.tree);
  const hashes = deployment === undefined ? undefined : hashesOf(at, deployment);
  if (seen === undefined || hashes?.isPartial === true)
    log(
      at.host.report,
      'warning',
      'without root there are no licences and no hashes of what the base brings (NOASSERTION), and the time is that of the deployment: `sudo apt-layer sbom` has them',
    );
  const needs = neededBy(dependencyGraph(packages));
  return {
    image,
    system: [distribution.id, distribution.version || distribution.codename].filter(Boolean).join('-'),
    createdSeconds: seen === undefined ? (deployment?.createdSeconds ?? 0) : newestTime(seen.tree),
    programVersion,
    packages: packages
      .map((one): BinaryPackage => {
        const { name, architecture, version, vendor, maintainer, summary } = one;
        const source = { vendor, name: one.source, version: one.sourceVersion };
        return {
          ...{ name, architecture, version, vendor, maintainer, summary, source },
          builtUsing: builtUsing(one, source),
          needs: needs(`${name}:${architecture}`),
          sha256: hashes?.sha256.get(versionKey(one)),
          licence: licences(name),
        };
      })
      .sort((a, b) => compare(a.name, b.name) || compare(a.architecture, b.architecture)),
  };
}

function imageIfAllowed({ host, sysroot }: Sysroot, image: string): { store: Store; tree: Tree } | undefined {
  try {
    const store = openStore(host, storePath(sysroot));
    return { store, tree: readImage(store, image) };
  } catch (error) {
    if (!isDenied(error)) throw error;
    return undefined;
  }
}

/** The sources that a package says it has code of, each once: they are of whom the package is. */
function builtUsing(
  { relations }: RecordedSystem['packages'][number],
  { vendor, name, version }: SourcePackage,
): SourcePackage[] {
  const said = [relations['Built-Using'], relations['Static-Built-Using']].flatMap(field =>
    relationsIfRight(field ?? '').flatMap(([first]) =>
      first?.version === undefined ? [] : [{ vendor, name: first.name, version: first.version.version }],
    ),
  );
  const others = said.filter(one => one.name !== name || one.version !== version);
  const found = new Map(others.map(one => [`${one.name} ${one.version}`, one]));
  return [...found].sort(([a], [b]) => compare(a, b)).map(([, one]) => one);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
