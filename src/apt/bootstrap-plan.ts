import { createHash } from 'node:crypto';
import { AptLayerError } from '../errors/index.ts';
import { readFileIfExists } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import {
  type Distribution,
  distributionById,
  distributionOfSuite,
  pocketsOf,
  splitSuite,
  suggestSuite,
} from './distributions/index.ts';
import { type HostSources, readHostSources } from './host-sources.ts';
import { mapHostSources } from './map-sources.ts';
import { type AptSource, renderSources } from './sources/index.ts';
import { UNLIMITED } from './target-sources.ts';

/** Sets of packages, as mmdebstrap names them: `minbase` is what dpkg and apt need, the others add to it. */
export const BOOTSTRAP_VARIANTS = ['minbase', 'buildd', 'important', 'standard'] as const;
export type BootstrapVariant = (typeof BOOTSTRAP_VARIANTS)[number];

export interface BootstrapRequest {
  readonly suite: string;
  /** dpkg's name; the host's by default. */
  readonly architecture?: string;
  readonly variant?: BootstrapVariant;
  /** An archive; without it the host's own sources say where it is. */
  readonly mirror?: string;
  readonly securityMirror?: string;
  readonly components?: readonly string[];
  /** File with the keys that sign the archive. */
  readonly keyring?: string;
  /** Further suites of the mirrors, instead of the updates and security updates that are usual. */
  readonly suites?: readonly string[];
  /** False for an archive that is old on purpose. */
  readonly checkValidUntil?: boolean;
  /** Where the host's configuration is read: `/`, but for tests. */
  readonly hostRoot?: string;
}

/** All that decides what a base will be, apart from what the archive holds on the day. */
export interface BootstrapPlan {
  readonly suite: string;
  readonly architecture: string;
  readonly variant: BootstrapVariant;
  /** ID of the distribution; undefined when the suite is not one we know. */
  readonly distribution: string | undefined;
  /** Each signed by `keyring`. */
  readonly sources: readonly AptSource[];
  readonly keyring: Keyring;
}

export interface Keyring {
  /** On the host. */
  readonly path: string;
  /** Lower-case hex, of the file. */
  readonly sha256: string;
}

const MAX_KEYRING_BYTES = 4 * 1024 * 1024;

/**
 * Decides where a base comes from and which keys vouch for it. Throws SPEC_INVALID when the host's sources do not say
 * where the archive is, SIGNATURE when there are no keys or a source asks not to be verified.
 */
export function planBootstrap(host: Host, request: BootstrapRequest): BootstrapPlan {
  assertNames(request);
  const hostSources = readHostSources(host.sys, request.hostRoot ?? '/', host.report);
  // A name nobody knows may be a release newer than this program: the archive will tell.
  const distribution = distributionOfSuite(request.suite) ?? distributionById(hostSources.id);
  const architecture = request.architecture ?? host.architecture;
  const plain =
    request.mirror === undefined
      ? fromHost(hostSources, { ...request, architecture }, distribution)
      : fromMirror(request, distribution);
  const keyring = findKeyring(host, request, distribution);
  return {
    suite: request.suite,
    architecture,
    variant: request.variant ?? 'minbase',
    distribution: distribution?.id,
    sources: plain.map(source => ({
      ...source,
      ...(request.checkValidUntil === false ? { options: { ...source.options, ...UNLIMITED } } : {}),
      signedBy: { kind: 'file', path: keyring.path },
    })),
    keyring,
  };
}

/** Lower-case hex that differs when a plan may give another base: the key of a cache. */
export function bootstrapKey(plan: BootstrapPlan): string {
  const { suite, architecture, variant, keyring } = plan;
  const sources = renderSources(plan.sources.map(source => ({ ...source, signedBy: undefined })));
  const input = JSON.stringify([suite, architecture, variant, keyring.sha256, sources]);
  return createHash('sha256').update(input).digest('hex');
}

function assertNames(request: BootstrapRequest): void {
  const names = [request.suite, ...(request.suites ?? []), ...(request.components ?? [])];
  const bad = names.find(name => !/^[A-Za-z0-9][A-Za-z0-9._+~/-]*$/.test(name) || name.includes('..'));
  if (bad !== undefined)
    throw new AptLayerError(
      'SPEC_INVALID',
      `${JSON.stringify(bad)} is not the name of a suite or component`,
      {
        hint: 'name a suite such as `trixie`',
      },
    );
  for (const uri of [request.mirror, request.securityMirror])
    if (uri !== undefined && !/^(?:https?|file|copy|ftp):\/\/?[^\s\0]+$/.test(uri))
      throw new AptLayerError('SPEC_INVALID', `${JSON.stringify(uri)} is not the address of an archive`, {
        hint: 'write it with its scheme, such as `https://HOST/debian`',
      });
}

function fromHost(
  host: HostSources,
  request: BootstrapRequest,
  distribution: Distribution | undefined,
): AptSource[] {
  const sources =
    distribution === undefined || distribution.id !== host.id
      ? []
      : mapHostSources(host.sources, distribution, request);
  if (sources.some(source => source.suites.includes(request.suite))) return sources;
  throw unknownMirror(host, request, distribution);
}

function unknownMirror(
  host: HostSources,
  request: BootstrapRequest,
  distribution: Distribution | undefined,
): AptLayerError {
  const known = distributionOfSuite(request.suite);
  const suggestion = known === undefined ? suggestSuite(request.suite) : undefined;
  const why =
    distribution?.id === host.id
      ? `the host's apt sources name no ${distribution.title} archive`
      : `the host runs ${host.id}${known === undefined ? '' : `, not ${known.title}`}`;
  const example = known?.exampleMirror ?? 'https://HOST/debian';
  return new AptLayerError('SPEC_INVALID', `no archive is known for apt://${request.suite}: ${why}`, {
    hint: `${suggestion === undefined ? '' : `did you mean apt://${suggestion}? Otherwise `}set bootstrap.mirror in the spec, for example \`bootstrap: { mirror: "${example}" }\``,
    details: suggestion === undefined ? { suite: request.suite } : { suite: request.suite, suggestion },
  });
}

/** The usual layout where the address shows a complete archive; elsewhere only the suite that was asked for. */
function fromMirror(request: BootstrapRequest, distribution: Distribution | undefined): AptSource[] {
  const mirror = request.mirror ?? '';
  const security = request.securityMirror ?? distribution?.securityArchive(mirror);
  const whole = distribution?.isArchive(mirror) ?? false;
  const pockets = distribution === undefined ? [] : pocketsOf(distribution, request.suite);
  const usual = [
    request.suite,
    ...(whole && pockets.includes('updates') ? [`${request.suite}-updates`] : []),
    ...(security !== undefined && pockets.includes('security') ? [`${request.suite}-security`] : []),
  ];
  const suites = request.suites === undefined ? usual : [...new Set([request.suite, ...request.suites])];
  const isSecurity = (suite: string) => splitSuite(suite).pocket === 'security' && security !== undefined;
  const components = request.components ?? distribution?.defaultComponents ?? ['main'];
  const source = (uri: string, names: readonly string[]): AptSource[] =>
    names.length === 0
      ? []
      : [
          {
            types: ['deb'],
            uris: [uri],
            suites: names,
            components,
            signedBy: undefined,
            architectures: [],
            options: {},
          },
        ];
  return [
    ...source(
      mirror,
      suites.filter(suite => !isSecurity(suite)),
    ),
    ...source(security ?? mirror, suites.filter(isSecurity)),
  ];
}

function findKeyring(host: Host, request: BootstrapRequest, distribution: Distribution | undefined): Keyring {
  const candidates = request.keyring === undefined ? (distribution?.keyrings ?? []) : [request.keyring];
  for (const path of candidates) {
    const bytes = readFileIfExists(host.sys, path, MAX_KEYRING_BYTES);
    if (bytes !== undefined) return { path, sha256: createHash('sha256').update(bytes).digest('hex') };
  }
  if (request.keyring !== undefined)
    throw new AptLayerError(
      'SIGNATURE',
      `the keyring ${request.keyring} does not exist, so nothing can be verified`,
      {
        hint: 'correct bootstrap.keyring in the spec',
      },
    );
  throw new AptLayerError(
    'SIGNATURE',
    `the host has no keys to verify ${distribution === undefined ? request.suite : `${distribution.title}'s archive`} with`,
    {
      hint:
        distribution === undefined
          ? 'set bootstrap.keyring in the spec to the file with the keys of the archive'
          : `apt-get install ${distribution.keyringPackage}, or set bootstrap.keyring in the spec`,
    },
  );
}
