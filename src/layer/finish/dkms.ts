import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, fromText, toText } from '../../formats/bytes/index.ts';
import { lookup, lookupDirectory, type RegularFile, type Tree } from '../../formats/tree/index.ts';
import { kernelVersions } from './kernels.ts';

/** A module that DKMS has the source of, and a kernel of the tree that it was not built for. */
export interface MissingModule {
  readonly module: string;
  readonly version: string;
  readonly kernel: string;
}

/**
 * Modules of DKMS that the tree has no build of, for each of its kernels. One whose dkms.conf says which kernels or machines it is for
 * (`BUILD_EXCLUSIVE_*`) is left to that; without a kernel there is nothing to build for.
 */
export function missingModules(tree: Tree, read: (file: RegularFile) => Buffer): MissingModule[] {
  const kernels = kernelVersions(tree).map(toText);
  const sources = [...(lookupDirectory(tree, fromText('/usr/src'))?.entries.keys() ?? [])].sort();
  return sources.flatMap(directory => {
    const file = lookup(tree, `/usr/src/${directory}/dkms.conf` as ByteString);
    const named = file?.kind === 'file' ? nameAndVersion(read(file).toString('latin1')) : undefined;
    if (named === undefined) return [];
    const { module, version } = named;
    return kernels
      .filter(kernel => {
        const built = `/var/lib/dkms/${module}/${version}/${kernel}`;
        return lookupDirectory(tree, fromText(built)) === undefined;
      })
      .map(kernel => ({ module, version, kernel }));
  });
}

/** Refuses a tree with modules that could not be built: its machine would start without them. */
export function assertModulesBuilt(tree: Tree, read: (file: RegularFile) => Buffer, logPath: string): void {
  const missing = missingModules(tree, read);
  const [first] = missing;
  if (first === undefined) return;
  const list = missing.map(one => `${one.module} ${one.version} for ${one.kernel}`).join(', ');
  throw new AptLayerError('DPKG_FAILED', `DKMS did not build ${list}`, {
    hint:
      `layer the headers of that kernel, such as ${headersOf(first.kernel)}; when they are there, what the compiler ` +
      `said is in ${logPath}`,
    details: { modules: missing },
  });
}

/** The package that follows the newest headers of a kernel's flavour. */
function headersOf(kernel: string): string {
  const flavour = /-((?:cloud-|rt-)?[a-z0-9]+)$/.exec(kernel)?.[1] ?? 'amd64';
  return `linux-headers-${flavour}`;
}

/** dkms.conf is shell, but what names the module is always written plainly. */
function nameAndVersion(text: string): { module: string; version: string } | undefined {
  if (/^\s*BUILD_EXCLUSIVE_/m.test(text)) return undefined;
  const value = (key: string) => new RegExp(`^\\s*${key}=["']?([\\w.+~-]+)["']?\\s*$`, 'm').exec(text)?.[1];
  const [module, version] = [value('PACKAGE_NAME'), value('PACKAGE_VERSION')];
  return module === undefined || version === undefined ? undefined : { module, version };
}
