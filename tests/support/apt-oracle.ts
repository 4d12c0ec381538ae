import fs from 'node:fs';
import path from 'node:path';
import { must } from './command.ts';
import { withFileLock } from './file-lock.ts';
import { hostAcquireOptions } from './host-apt.ts';
import { CHECKOUT, cacheDirectory } from './places.ts';
import { temporaryDirectory } from './temporary.ts';

export interface AptGetOptions {
  /** Default false: `--no-install-recommends`. */
  readonly installRecommends?: boolean;
  /**
   * A deb822 stanza (`Archive.sources`) to use instead of the root's own sources. Nothing is cached then, and apt
   * gets none of the host's options, so that it verifies as it does by default.
   */
  readonly sources?: string;
  /** Where archives are and come to be, instead of the cache of the tests. */
  readonly archives?: string;
  /** Mounts /sys read-only, as on a build host. Default false. */
  readonly devices?: boolean;
  /** Further `NAME=VALUE` for apt's `-o`. */
  readonly options?: readonly string[];
}

const SCRIPT = path.join(CHECKOUT, 'tests/support/apt-in-chroot.sh');

/**
 * What the program's result is compared with: plain `apt-get install` in a chroot of `root`, changed in place.
 * Has /proc and the host's network; services do not start (policy-rc.d 101). Resolves to what apt-get said, fails
 * with the end of it. Downloads of the root's own sources stay in the cache.
 */
export async function aptGetInstallChroot(
  root: string,
  packages: readonly string[],
  options: AptGetOptions = {},
): Promise<string> {
  if (options.sources === undefined) {
    const lists = cacheDirectory('apt-lists');
    return withFileLock(path.join(cacheDirectory('apt'), 'lock'), async () =>
      inChroot({
        root,
        packages,
        lists,
        archives: options.archives ?? cacheDirectory('debs'),
        sources: '',
        devices: options.devices === true,
        aptOptions: [...(await hostAcquireOptions()), ...aptOptions(options)],
      }),
    );
  }
  await using work = temporaryDirectory('apt');
  const [lists, archives, parts] = [work.join('lists'), work.join('archives'), work.join('parts')];
  for (const directory of [lists, archives, parts]) fs.mkdirSync(directory);
  fs.writeFileSync(path.join(parts, 'test.sources'), options.sources);
  return await inChroot({
    root,
    packages,
    lists,
    archives,
    sources: parts,
    devices: options.devices === true,
    aptOptions: aptOptions(options),
  });
}

function aptOptions(options: AptGetOptions): string[] {
  return [
    `APT::Install-Recommends=${options.installRecommends === true}`,
    // A build needs no protection against power cuts; the result is the same.
    'DPkg::Options::=--force-unsafe-io',
    'Dir::Cache::pkgcache=',
    'Dir::Cache::srcpkgcache=',
    'Acquire::Languages=none',
    ...(options.options ?? []),
  ];
}

interface InChroot {
  readonly root: string;
  readonly packages: readonly string[];
  readonly lists: string;
  readonly archives: string;
  readonly sources: string;
  readonly devices: boolean;
  readonly aptOptions: readonly string[];
}

function inChroot({
  root,
  packages,
  lists,
  archives,
  sources,
  devices,
  aptOptions,
}: InChroot): Promise<string> {
  const namespaces = ['--mount', '--uts', '--pid', '--fork', '--kill-child'];
  const options = aptOptions.flatMap(option => ['-o', option]);
  return must(
    'unshare',
    [...namespaces, 'bash', SCRIPT, root, lists, archives, sources, ...options, '--', ...packages],
    devices ? { env: { WITH_SYS: 'yes' } } : {},
  );
}
