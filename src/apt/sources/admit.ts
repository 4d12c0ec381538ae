import { AptLayerError, type ErrorCode } from '../../errors/index.ts';
import { type ArchiveAddress, isLocalHost, parseAddress } from './addresses.ts';
import { type AptSource, insecureOption, type SourceOrigin } from './source.ts';

/** What the owner of the machine vouches for: the spec, and the host's own sources. */
export interface NamedAddresses {
  /** Addresses as they are written in the spec or in the host's sources. */
  readonly uris: readonly string[];
  /** Lists of what is old on purpose count however old they are: the spec has a `snapshot`. */
  readonly old: boolean;
}

/** Options that only say what else is fetched, shown or diffed: the lists are fetched in one way, whatever they say. */
const WITHOUT_EFFECT = ['languages', 'targets', 'pdiffs', 'description', 'enabled'];

/** Options that any apt of a supported release knows, and that let nothing in that would be refused without them. */
const KEPT = ['by-hash', 'inrelease-path', 'valid-until-max'];

/** Options that stretch the time for which lists count; the value that does not. */
const STRETCHING: readonly (readonly [string, RegExp])[] = [
  ['check-valid-until', /^(?:yes|true|1|on|with|enable)$/i],
  ['check-date', /^(?:yes|true|1|on|with|enable)$/i],
  ['valid-until-min', /^0$/],
  ['date-max-future', /^(?:0|10)$/],
];

/**
 * A source of an image, as it may be used: what the image says about itself is input from outside. Only `deb`, only http,
 * https and lists of such mirrors; files, this machine and private networks only where `named` has them. Options are those
 * that are understood. SIGNATURE or CONFIG_INVALID name file and line; undefined for a source of source packages.
 */
export function admitSource(
  source: AptSource,
  origin: SourceOrigin,
  named: NamedAddresses,
): AptSource | undefined {
  const at = { where: `${origin.file}:${origin.line}`, named };
  refuseUnverified(source, at);
  const options = Object.fromEntries(
    Object.entries(source.options).flatMap(([name, value]) => admitOption(name, value, at)),
  );
  const uris = source.uris.map(uri => admitAddress(uri, at));
  const words = [...source.suites, ...source.components, ...source.architectures];
  const odd = words.find(
    word => !/^[A-Za-z0-9$(.][A-Za-z0-9$()._+~/:-]*$/.test(word) || /(^|\/)\.\.(\/|$)/.test(word),
  );
  if (odd !== undefined)
    throw refused(
      'CONFIG_INVALID',
      at,
      `${JSON.stringify(odd)} is no name of a suite, component or architecture`,
    );
  return source.types.includes('deb') ? { ...source, types: ['deb'], uris, options } : undefined;
}

interface At {
  readonly where: string;
  readonly named: NamedAddresses;
}

function refuseUnverified(source: AptSource, at: At): void {
  const option = insecureOption(source);
  if (option !== undefined)
    throw refused('SIGNATURE', at, `${option}=${source.options[option]} switches verification off`);
  if (source.options['trusted'] !== undefined)
    throw refused(
      'SIGNATURE',
      at,
      `trusted=${source.options['trusted']} says that nothing of it is to be trusted`,
    );
  for (const [name, harmless] of STRETCHING) {
    const value = source.options[name];
    if (value !== undefined && !harmless.test(value) && !at.named.old)
      throw refused('SIGNATURE', at, `${name}=${value} makes lists count that have expired`);
  }
}

function admitOption(name: string, value: string, at: At): [string, string][] {
  const isUnused =
    WITHOUT_EFFECT.includes(name) ||
    name.startsWith('x-') ||
    STRETCHING.some(([one]) => one === name) ||
    // Not yes: an insecure one has been refused.
    ['allow-insecure', 'allow-weak', 'allow-downgrade-to-insecure'].includes(name);
  if (isUnused) return STRETCHING.some(([one]) => one === name) && at.named.old ? [[name, value]] : [];
  if (name === 'snapshot' && /^(?:no|disable|false|0|off|without)$/i.test(value)) return [];
  const isUnderstood =
    KEPT.includes(name) && /^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(value) && !value.includes('..');
  if (isUnderstood) return [[name, value]];
  throw refused(
    'CONFIG_INVALID',
    at,
    KEPT.includes(name)
      ? `${name} cannot be ${JSON.stringify(value)}`
      : `the option ${name} is not known here, so what it asks for cannot be kept to`,
  );
}

function admitAddress(uri: string, at: At): string {
  const address = parseAddress(uri);
  if (address === undefined)
    throw refused('CONFIG_INVALID', at, `${shownUri(uri)} is no address of an archive`);
  switch (address.scheme) {
    case 'http:':
    case 'https:':
    case 'mirror:':
    case 'mirror+http:':
    case 'mirror+https:':
      if (address.host !== '' && (!isLocalHost(address.host) || isNamed(address, at.named))) return uri;
      throw refused(
        'CONFIG_INVALID',
        at,
        `${shownUri(uri)} is on this machine or in a private network, and neither the spec nor the host's own sources name it`,
      );
    case 'file:':
    case 'copy:':
      if (address.host === '' && isNamed(address, at.named)) return `copy:${address.path}`;
      throw refused(
        'CONFIG_INVALID',
        at,
        `${shownUri(uri)} is a directory of this machine, and neither the spec nor the host's own sources name it`,
      );
    default:
      throw refused('CONFIG_INVALID', at, `archives are not fetched by ${address.scheme.slice(0, -1)}`);
  }
}

/** The same server at the same port, or the same directory. */
function isNamed(address: ArchiveAddress, { uris }: NamedAddresses): boolean {
  const tidy = (path: string) => path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
  return uris.some(uri => {
    const one = parseAddress(uri);
    if (one === undefined || one.host !== address.host) return false;
    return address.host !== '' || tidy(one.path) === tidy(address.path);
  });
}

/** For messages: without user and password. */
function shownUri(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}

function refused(code: ErrorCode, { where }: At, why: string): AptLayerError {
  return new AptLayerError(code, `${where}: ${why}`, {
    hint: `correct that source of the image, or leave it out: --disable-repo ${where.replace(/:\d+$/, '').replace(/^.*\//, '')}`,
    details: { source: where },
  });
}
