import { readFileIfExists } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import type { AcquireOptions } from './acquire-options.ts';
import { type ArchiveSet, hostDates } from './archives.ts';
import type { BootstrapPlan, BootstrapVariant } from './bootstrap-plan.ts';
import { packagesOfVariant } from './bootstrap-set.ts';
import { failing } from './failing.ts';
import { callHostApt, type HostApt, noArchives } from './host-apt.ts';
import type { SignedSource } from './image-sources.ts';
import { readKeyring } from './keyring.ts';
import { listedRepositories } from './lists/index.ts';
import type { Resolution } from './request.ts';
import { parseResolution } from './simulation.ts';
import { parseAddress } from './sources/index.ts';

/** The archives that a base is made from. Throws SIGNATURE when the keyring is none. */
export function bootstrapArchives(host: Host, plan: BootstrapPlan, acquire: AcquireOptions): ArchiveSet {
  const keyring = readKeyring(host.sys, plan.keyring.path);
  const withDates = hostDates(host, acquire);
  const sources = plan.sources.map((source): SignedSource => {
    const uris = source.uris.map(uri => {
      const address = parseAddress(uri);
      return address?.scheme === 'file:' ? `copy:${address.path}` : uri;
    });
    const named = {
      keyrings: [keyring],
      fingerprints: [],
      file: '',
      where: `apt://${plan.suite}`,
      name: 'bootstrap',
    };
    return withDates({ ...source, ...named, uris, signedBy: undefined, bySpec: true });
  });
  return { sources, trusted: [], architectures: [plan.architecture] };
}

/** The packages of a variant with all they need, and which of them `Essential: yes` asks for. Throws RESOLVE_FAILED. */
export async function resolveBootstrap(
  apt: HostApt,
  variant: BootstrapVariant,
): Promise<Resolution & { readonly requested: readonly string[] }> {
  const { host, set } = apt;
  const contents = listedRepositories(host, apt.cache, set.architectures)
    .flatMap(({ packages }) => packages)
    .flatMap(file => readFileIfExists(host.sys, file, INDEX_MAX_BYTES) ?? []);
  const https = set.sources.some(source => source.uris.some(uri => uri.startsWith('https:')));
  // Named, so that an archive without it is an error. Its apt must reach the same mirror.
  const always = ['apt', ...(https ? ['ca-certificates'] : [])];
  const requested = [...new Set([...packagesOfVariant(contents, variant), ...always])].sort();
  const listed = await failing(apt, () =>
    callHostApt(apt, [
      ...['apt-get', '-q', 'install', '--print-uris', '-o', noArchives(apt), '--', ...requested],
    ]),
  );
  return { ...parseResolution(listed.stdout.toString('utf8')), requested };
}

const INDEX_MAX_BYTES = 1024 ** 3;
