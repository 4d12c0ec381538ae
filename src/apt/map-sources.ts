import { AptLayerError } from '../errors/index.ts';
import { type Distribution, distributionOfSuite, pocketsOf, splitSuite } from './distributions/index.ts';
import type { HostSource } from './host-sources.ts';
import { type AptSource, insecureOption } from './sources/index.ts';

export interface MapRequest {
  readonly suite: string;
  readonly architecture?: string;
  readonly components?: readonly string[];
  readonly suites?: readonly string[];
}

/** Options of a source that hold for any suite of the same mirror. */
const KEPT_OPTIONS = ['check-valid-until', 'check-date', 'by-hash', 'valid-until-max'];

/**
 * The host's own sources of its distribution, turned to another suite: SUITE, SUITE-updates and SUITE-security where
 * the host has the like. Other vendors' sources and other pockets are left out. Throws SIGNATURE for a source that
 * asks not to be verified.
 */
export function mapHostSources(
  hostSources: readonly HostSource[],
  distribution: Distribution,
  request: MapRequest,
): AptSource[] {
  const own = hostSources.filter(
    source => isOwn(source, distribution) && servesArchitecture(source, request),
  );
  const seen = new Set<string>();
  return own.flatMap(source => {
    refuseInsecure(source);
    const suites = source.suites
      .map(suite => mapSuite(suite, distribution, request))
      .filter(suite => suite !== undefined);
    const uris = source.uris.filter(uri => distribution.isArchive(uri) || isOwnKeyring(source, distribution));
    return uris.flatMap(uri => {
      const fresh = suites.filter(suite => !seen.has(`${uri.replace(/\/$/, '')} ${suite}`));
      for (const suite of fresh) seen.add(`${uri.replace(/\/$/, '')} ${suite}`);
      return fresh.length === 0 ? [] : [mapped(source, request, { uri, suites: [...new Set(fresh)] })];
    });
  });
}

/** Whether a base of a suite has a source by itself, as it is the distribution's own. */
export function isOfDistribution(source: HostSource, request: MapRequest): boolean {
  const distribution = distributionOfSuite(request.suite);
  if (distribution === undefined) return false;
  const suites = new Set(mapHostSources([source], distribution, request).flatMap(one => one.suites));
  return source.suites.every(suite => suites.has(suite));
}

function mapped(source: HostSource, request: MapRequest, at: { uri: string; suites: string[] }): AptSource {
  return {
    types: ['deb'],
    uris: [at.uri],
    suites: at.suites,
    components: request.components ?? source.components,
    signedBy: undefined,
    architectures: [],
    options: Object.fromEntries(
      KEPT_OPTIONS.filter(name => source.options[name] !== undefined).map(name => [
        name,
        source.options[name] ?? '',
      ]),
    ),
  };
}

/** The same pocket of the suite that is asked for; undefined for a pocket it lacks or that we do not follow. */
function mapSuite(suite: string, distribution: Distribution, request: MapRequest): string | undefined {
  const { pocket } = splitSuite(suite);
  const result = pocket === undefined ? request.suite : `${request.suite}-${pocket}`;
  if (pocket !== undefined && request.suites !== undefined)
    return request.suites.includes(result) ? result : undefined;
  const pockets: readonly string[] = pocketsOf(distribution, request.suite);
  return pocket === undefined || pockets.includes(pocket) ? result : undefined;
}

/** Signed by the distribution's keys; or, with no keys named, an archive of its shape, components and suites. */
function isOwn(source: HostSource, distribution: Distribution): boolean {
  if (!source.types.includes('deb')) return false;
  if (!source.suites.some(suite => distributionOfSuite(suite) === distribution)) return false;
  if (!source.components.every(component => distribution.components.includes(component))) return false;
  if (source.signedBy !== undefined) return isOwnKeyring(source, distribution);
  return source.uris.some(uri => distribution.isArchive(uri));
}

function isOwnKeyring(source: HostSource, distribution: Distribution): boolean {
  const { signedBy } = source;
  if (signedBy?.kind !== 'file') return false;
  return distribution.keyrings.includes(signedBy.path) || isArchiveKeyFile(signedBy.path, distribution);
}

/** `/usr/share/keyrings/debian-archive-bookworm-stable.gpg` and its like. */
function isArchiveKeyFile(path: string, distribution: Distribution): boolean {
  return path.startsWith(`/usr/share/keyrings/${distribution.id}-archive-`);
}

function servesArchitecture(source: HostSource, request: MapRequest): boolean {
  const { architecture } = request;
  return (
    architecture === undefined ||
    source.architectures.length === 0 ||
    source.architectures.includes(architecture)
  );
}

function refuseInsecure(source: HostSource): void {
  const option = insecureOption(source);
  if (option === undefined) return;
  const { file, line } = source.origin;
  throw new AptLayerError(
    'SIGNATURE',
    `${file}:${line}: the source has ${option}=yes, which switches verification off`,
    {
      hint: 'set bootstrap.mirror and bootstrap.keyring in the spec: a base is only made from signed archives',
    },
  );
}
