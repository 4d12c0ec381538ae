import { withContextSync } from '../../errors/index.ts';
import { fromBuffer, fromText } from '../../formats/bytes/index.ts';
import { lookup, type RegularFile, type Tree } from '../../formats/tree/index.ts';
import { log } from '../../report/index.ts';
import { assertPrivateNetwork } from '../../sandbox/index.ts';
import { readContent } from '../../store/index.ts';
import {
  type AssemblyPackage,
  type AssemblyPlan,
  assertInstallable,
  planAssembly,
  readDpkgDatabase,
} from '../assemble/index.ts';
import { imageOf } from '../built-image.ts';
import type { BuildContext, BuiltImage } from '../context.ts';
import {
  DPKG_POLICIES,
  type FilePolicies,
  policyOf,
  withPlainPermissions,
} from '../metadata-policy/index.ts';
import type { DebFile } from '../package/index.ts';
import { type ModeOf, reportFindings, validateImage } from '../validate/index.ts';
import { dpkgStep, removalStep } from './dpkg-step.ts';
import { epochOf } from './epoch.ts';
import type { Fetch, Installation, WantedPackage } from './installation.ts';
import { nativeStep } from './native-step.ts';
import { type InstallNotes, notePermissions, openNotes } from './notes.ts';
import { importedPackages } from './packages.ts';

export interface InstallOptions {
  readonly install: readonly WantedPackage[];
  /** Installed packages that go, `NAME` or `NAME:ARCH`. */
  readonly remove: readonly string[];
  /** Bytes that unpacking adds, as apt estimates it. */
  readonly installedBytes: number;
  readonly fetch: Fetch;
  /** Sees the packages before anything is done with them; throws to refuse them. */
  readonly inspect?: (packages: readonly AssemblyPackage[]) => void;
  /** Whether scripts of a package have a network. Default: of none. */
  readonly hasNetwork?: (one: AssemblyPackage) => boolean;
  /** What becomes of permissions and of conflicts between files. Default: all as dpkg does it. */
  readonly policies?: FilePolicies;
  /** How the scripts of a package are looked at, for what they may do to files of others. Default: all are strict. */
  readonly modeOf?: ModeOf;
}

/** How each package would get into `image`; their archives must be there or imported. */
export async function planInstallation(
  context: BuildContext,
  image: BuiltImage,
  options: Pick<InstallOptions, 'install' | 'fetch'>,
): Promise<AssemblyPlan> {
  const debs = options.install.map(one => one.deb);
  const packages = await importedPackages(context, debs, options.fetch);
  return planFor(context, image.tree, packages);
}

export interface Installed {
  readonly tree: Tree;
  /** The newest time that came with the base or the packages: what is newer was made by installing. */
  readonly epochSeconds: number;
  readonly notes: InstallNotes;
}

/**
 * The tree of `image` with packages installed and removed: those that dpkg has to replace something for by dpkg, all
 * others assembled from the store.
 */
export async function installPackages(
  context: BuildContext,
  image: BuiltImage,
  options: InstallOptions,
): Promise<Installed> {
  const { install, remove, fetch, policies = DPKG_POLICIES } = options;
  const notes = openNotes();
  const imported = await importedPackages(
    context,
    install.map(one => one.deb),
    fetch,
  );
  assertInstallable(image.tree, imported, {
    native: context.host.architecture,
    foreign: foreignArchitectures(context, image.tree),
  });
  options.inspect?.(imported);
  const { hasNetwork } = options;
  const networked = hasNetwork === undefined ? [] : imported.filter(hasNetwork);
  if (networked.length > 0)
    withContextSync(`the scripts of ${networked.map(one => one.name).join(', ')}`, () =>
      assertPrivateNetwork(context.host),
    );
  const packages = imported.map(one => permitted(context, one, { policies, notes }));
  const installation: Installation = {
    automatic: new Set(install.filter(one => !one.requested).map(nameOf)),
    epochSeconds: epochOf(image.tree, packages),
    installedBytes: options.installedBytes,
    architecture: context.host.architecture,
    fetch,
    policies,
    notes,
    ...(hasNetwork !== undefined && { hasNetwork }),
  };
  const debs = new Map(install.map(({ deb }) => [deb.sha256, deb]));
  const current = remove.length > 0 ? imageOf(context, await removalStep(context, image, remove)) : image;
  const tree = await installAssembled(context, current, { packages, installation, debs });
  const { modeOf } = options;
  validated(context, tree, {
    before: current.tree,
    packages,
    notes,
    ...(modeOf !== undefined && { modeOf }),
  });
  return { tree, epochSeconds: installation.epochSeconds, notes };
}

/** As `dpkg --add-architecture` records them. */
function foreignArchitectures({ store }: BuildContext, tree: Tree): string[] {
  const node = lookup(tree, fromText('/var/lib/dpkg/arch'));
  const text = node?.kind === 'file' ? fromBuffer(readContent(store, node)) : '';
  return text.split('\n').filter(line => line !== '');
}

/** The same for packages that were read already; `debs` by SHA-256. */
export async function installAssembled(
  context: BuildContext,
  image: BuiltImage,
  options: {
    packages: readonly AssemblyPackage[];
    installation: Installation;
    debs: ReadonlyMap<string, DebFile>;
  },
): Promise<Tree> {
  const { packages, installation, debs } = options;
  let current = image;
  let { tree } = image;
  const { steps } = planFor(context, tree, packages);
  for (const [index, step] of steps.entries()) {
    if (index > 0) current = imageOf(context, tree);
    tree =
      step.route === 'native'
        ? await nativeStep(context, current, { step, installation })
        : await dpkgStep(context, current, { step, installation, debs });
  }
  return tree;
}

/** Compares the result with what it was made of; DPKG_FAILED when it lacks what a package ships and its scripts are strict. */
function validated(
  { host, store, warnings }: BuildContext,
  tree: Tree,
  options: { before: Tree; packages: readonly AssemblyPackage[]; notes: InstallNotes; modeOf?: ModeOf },
): void {
  const { notes, ...sources } = options;
  const { packages } = sources;
  const started = performance.now();
  const settled = new Set(notes.conflicts.map(({ path }) => path));
  const read = (file: RegularFile) => readContent(store, file);
  const findings = validateImage(tree, { ...sources, settled, read });
  const ms = Math.round(performance.now() - started);
  log(host.report, 'debug', `validated ${packages.length} packages in ${ms} ms`);
  notes.findings.push(...findings);
  reportFindings(host.report, findings, warnings);
}

/** A package with the permissions that its policy lets it have. */
function permitted(
  { host }: BuildContext,
  one: AssemblyPackage,
  { policies, notes }: { policies: FilePolicies; notes: InstallNotes },
): AssemblyPackage {
  if (policyOf(policies, one).preservePermissions) return one;
  const { image, changes } = withPlainPermissions(one.image);
  if (changes.length === 0) return one;
  notePermissions(host.report, notes, { package: one.infoName, changes });
  return { ...one, image };
}

function nameOf({ name, architecture }: WantedPackage): string {
  return architecture === 'all' ? name : `${name}:${architecture}`;
}

function planFor(context: BuildContext, tree: Tree, packages: readonly AssemblyPackage[]): AssemblyPlan {
  const read = (file: RegularFile) => readContent(context.store, file);
  return planAssembly(readDpkgDatabase(tree, read), packages);
}
