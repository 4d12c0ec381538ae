import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, fromText, toText } from '../../formats/bytes/index.ts';
import { lookup, resolveParents, type Tree } from '../../formats/tree/index.ts';
import type { AssemblyPackage } from './package.ts';

/** dpkg's names of the architectures that a system takes packages of. */
export interface Architectures {
  readonly native: string;
  /** Those added with `dpkg --add-architecture`. */
  readonly foreign: readonly string[];
}

/** Refuses what dpkg refuses of packages in this system, whatever their files are: DPKG_FAILED with the package and dpkg's reason. */
export function assertInstallable(
  tree: Tree,
  packages: readonly AssemblyPackage[],
  { native, foreign }: Architectures,
): void {
  const entries = new Set(packages.flatMap(one => one.image.entries.map(({ path }) => path)));
  for (const one of packages) {
    const { name, version, architecture } = one;
    const fail = (reason: string, hint: string) => {
      throw new AptLayerError('DPKG_FAILED', `${name} (${version}): ${reason}`, {
        hint,
        details: { package: one.infoName, architecture },
      });
    };
    if (architecture !== 'all' && architecture !== native && !foreign.includes(architecture))
      fail(
        `package architecture (${architecture}) does not match system (${native})`,
        `use a package for ${native}; \`apt-layer layer-multiarch ${name} ${architecture} foreign\` lets one of another architecture in, where its programs can run`,
      );
    const missing = missingDirectory(tree, one, entries);
    if (missing !== undefined)
      fail(
        `unable to create a file in ${toText(missing)}: no package has this directory`,
        'its archive lacks entries for directories: build it again with them (dpkg-deb --build adds them)',
      );
  }
}

/** A directory that a package has files in, without an entry of its own in any archive and not in the system. */
function missingDirectory(
  tree: Tree,
  { image }: AssemblyPackage,
  entries: ReadonlySet<ByteString>,
): ByteString | undefined {
  const known = new Set<ByteString>();
  for (const { path } of image.entries) {
    const above = path.slice(0, Math.max(path.lastIndexOf('/'), 0)) as ByteString;
    if (above === '' || known.has(above) || entries.has(above)) continue;
    known.add(above);
    const place = `/${resolveParents(tree, `${above}/x` as ByteString)
      .slice(0, -1)
      .join('/')}`;
    if (lookup(tree, fromText(place))?.kind !== 'directory') return above;
  }
  return undefined;
}
