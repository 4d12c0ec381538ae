import type { Sys } from '../sys/index.ts';
import type { BootstrapPlan } from './bootstrap-plan.ts';
import { type Distribution, distributionById } from './distributions/index.ts';
import { readKeyring } from './keyring.ts';
import { renderSources, type SignedBy } from './sources/index.ts';
import type { TargetFile } from './target-sources.ts';

/**
 * The files that make a bootstrapped system one that apt can work in, and that say nothing of this host: one file of
 * sources whose keys are the system's own, an empty machine-id, a neutral host name and no name servers. `has` tells
 * whether a path is in the system.
 */
export function baseConfiguration(
  sys: Sys,
  plan: BootstrapPlan,
  has: (path: string) => boolean,
): TargetFile[] {
  const distribution = plan.distribution === undefined ? undefined : distributionById(plan.distribution);
  const { signedBy, files } = placeKeyring(sys, { keyring: plan.keyring.path, distribution, has });
  const sources = renderSources(
    plan.sources.map(source => ({ ...source, uris: source.uris.map(withoutPassword), signedBy })),
  );
  const file = (path: string, text: string): TargetFile => ({ path, bytes: Buffer.from(text), mode: 0o644 });
  return [
    ...files,
    file(distribution?.sourcesFile ?? '/etc/apt/sources.list.d/base.sources', sources),
    file('/etc/fstab', '# UNCONFIGURED FSTAB FOR BASE SYSTEM\n'),
    file('/etc/machine-id', ''),
    file('/etc/hostname', 'localhost\n'),
    file('/etc/resolv.conf', ''),
  ];
}

/** An image is no place for a password; its apt finds one in auth.conf.d. */
function withoutPassword(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}

/** The keys as the system has them: those that its keyring package ships, else a copy of those that verified it. */
function placeKeyring(
  sys: Sys,
  given: { keyring: string; distribution: Distribution | undefined; has: (path: string) => boolean },
): { signedBy: SignedBy; files: TargetFile[] } {
  const { keyring, distribution, has } = given;
  const official = distribution?.keyrings.includes(keyring) ? distribution.keyrings : [];
  const shipped = [keyring, ...official].find(path => path.startsWith('/usr/') && has(path));
  if (shipped !== undefined) return { signedBy: { kind: 'file', path: shipped }, files: [] };
  const { bytes, extension } = readKeyring(sys, keyring);
  const path = `/etc/apt/keyrings/apt-layer-base.${extension}`;
  return { signedBy: { kind: 'file', path }, files: [{ path, bytes, mode: 0o644 }] };
}
