import type { DpkgTarget, Preinst, Unconfigured } from '../../apt/index.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { lookup, type Tree } from '../../formats/tree/index.ts';
import type { Scratch } from '../../sandbox/index.ts';
import { readContent } from '../../store/index.ts';
import type { AssemblyPackage } from '../assemble/index.ts';
import type { BuildContext } from '../context.ts';
import type { FilePolicies } from '../metadata-policy/index.ts';
import type { DebFile } from '../package/index.ts';
import type { InstallNotes } from './notes.ts';

/** A package that is to be installed. */
export interface WantedPackage {
  readonly name: string;
  readonly architecture: string;
  /** Its archive; the file need not be there when the package is imported and dpkg does not unpack it. */
  readonly deb: DebFile;
  /** Asked for by name, not only needed by others. */
  readonly requested: boolean;
}

/** Puts archives where their paths say, whole and checked; those that are there are left alone. */
export type Fetch = (debs: readonly DebFile[]) => Promise<void>;

/** What all steps of one installation share. */
export interface Installation {
  /** Packages that only others need, `NAME` or `NAME:ARCH`. */
  readonly automatic: ReadonlySet<string>;
  /** Time of the files that the installation itself makes: seconds since the epoch. */
  readonly epochSeconds: number;
  /** Bytes that unpacking adds, roughly. */
  readonly installedBytes: number;
  /** dpkg's name of the system's own architecture. */
  readonly architecture: string;
  readonly fetch: Fetch;
  /** Default: all as dpkg does it. */
  readonly policies?: FilePolicies;
  /** Whether scripts of a package have a network. Default: of none. */
  readonly hasNetwork?: (one: AssemblyPackage) => boolean;
  /** Takes what has to be told about the installation; none when nobody asks. */
  readonly notes?: InstallNotes;
}

/** What configuring writes, by what unpacking would have: compiled code, caches. */
const CONFIGURE_SHARE = 0.25;

export function configuringBytes(installation: Installation): number {
  return installation.installedBytes * CONFIGURE_SHARE;
}

/** A package's preinst with what it finds beside it. */
export function preinstOf({ name, architecture, image: { control } }: AssemblyPackage): Preinst {
  return { name, architecture, control };
}

export function dpkgTarget(context: BuildContext, scratch: Scratch): DpkgTarget {
  const { host, workDirectory, logPath, onOutput } = context;
  return { host, scratch, workDirectory, logPath, onOutput };
}

/** How a tree looks to those who configure its packages. */
export function unconfigured(
  { store }: BuildContext,
  tree: Tree,
  { epochSeconds }: Installation,
): Unconfigured {
  const fileAt = (path: string) => {
    const node = lookup(tree, fromText(path));
    return node?.kind === 'file' ? node : undefined;
  };
  const read = (path: string) => {
    const file = fileAt(path);
    return file === undefined ? undefined : readContent(store, file);
  };
  return { epochSeconds, read, has: path => fileAt(path) !== undefined };
}
