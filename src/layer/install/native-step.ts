import { configurePackages, runPreinsts } from '../../apt/index.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { lookup, type RegularFile, type Tree } from '../../formats/tree/index.ts';
import { log } from '../../report/index.ts';
import { putObject, readContent, writeImageObject } from '../../store/index.ts';
import {
  type AssemblyPackage,
  type AssemblyStep,
  dpkgRecords,
  mergePackages,
  readDpkgDatabase,
} from '../assemble/index.ts';
import type { BuildContext, BuiltImage } from '../context.ts';
import { runStage } from '../stage.ts';
import { dpkgTarget, type Installation } from './installation.ts';

/**
 * Installs packages that were never there: their preinsts run, their trees are merged, dpkg's records written, and dpkg
 * configures them. Nothing is unpacked.
 */
export async function nativeStep(
  context: BuildContext,
  image: BuiltImage,
  options: { step: AssemblyStep; installation: Installation },
): Promise<Tree> {
  const { step, installation } = options;
  const prepared = await prepare(context, image, step.preinsts);
  const assembled = assemble(context, prepared, options);
  const digest = await writeImageObject(context.store, assembled);
  return runStage(
    context,
    { digest, tree: assembled },
    {
      name: 'configure',
      expectedBytes: installation.installedBytes * CONFIGURE_SHARE,
      action: scratch =>
        configurePackages(dpkgTarget(context, scratch), {
          packages: step.packages.length,
          has: path => lookup(assembled, fromText(path))?.kind === 'file',
        }),
    },
  );
}

/** What configuring writes, by what unpacking would have: compiled code, caches. */
const CONFIGURE_SHARE = 0.25;

async function prepare(
  context: BuildContext,
  image: BuiltImage,
  packages: readonly AssemblyPackage[],
): Promise<Tree> {
  if (packages.length === 0) return image.tree;
  const scripts = packages.map(({ name, architecture, image: { control } }) => ({
    name,
    architecture,
    control,
  }));
  return runStage(context, image, {
    name: 'preinst',
    expectedBytes: 0,
    action: scratch => runPreinsts(dpkgTarget(context, scratch), scripts),
  });
}

function assemble(
  context: BuildContext,
  tree: Tree,
  options: { step: AssemblyStep; installation: Installation },
): Tree {
  const { host, store } = context;
  const { step, installation } = options;
  const started = performance.now();
  const read = (file: RegularFile) => readContent(store, file);
  const database = readDpkgDatabase(tree, read);
  const merged = mergePackages(tree, step.packages, database);
  for (const { path, by, of } of merged.overwritten)
    log(host.report, 'warning', `${path} of ${of} was overwritten by ${by}`, { path, by, of });
  const result = dpkgRecords(merged.tree, step.packages, {
    database,
    dropped: merged.dropped,
    automatic: installation.automatic,
    nativeArchitecture: installation.architecture,
    mtime: installation.epochSeconds,
    read,
    put: bytes => putObject(store, bytes),
  });
  const ms = Math.round(performance.now() - started);
  log(host.report, 'debug', `assembled ${step.packages.length} packages in ${ms} ms`);
  return result;
}
