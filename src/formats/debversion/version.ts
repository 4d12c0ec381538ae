import { FormatError } from '../../errors/index.ts';

/** A version in its parts, as deb-version(7) names them: `[epoch:]upstream[-revision]`. */
export interface Version {
  /** Digits; `'0'` when absent. */
  readonly epoch: string;
  readonly upstream: string;
  /** `''` when absent; compares equal to `'0'`. */
  readonly revision: string;
}

const EPOCH_MAX = 2 ** 31 - 1;
const UPSTREAM = /^[0-9][0-9A-Za-z.+~:-]*$/;
const REVISION = /^[0-9A-Za-z.+~]+$/;
const VERSION_LENGTH_MAX = 4096;

/** Splits without checking: the first colon ends the epoch, the last hyphen begins the revision. */
export function splitVersion(text: string): Version {
  const colon = text.indexOf(':');
  const hyphen = text.lastIndexOf('-');
  const hasRevision = hyphen > colon;
  return {
    epoch: colon < 0 ? '0' : text.slice(0, colon),
    upstream: text.slice(colon + 1, hasRevision ? hyphen : undefined),
    revision: hasRevision ? text.slice(hyphen + 1) : '',
  };
}

/**
 * A version that dpkg accepts when it builds a package: the upstream part begins with a digit, no part that is
 * announced is empty, and no other characters than deb-version(7) allows. FormatError otherwise.
 */
export function parseVersion(text: string): Version {
  const fail = (reason: string): never => {
    const shown = text.length > 80 ? `${text.slice(0, 80)}...` : text;
    throw new FormatError(
      'version',
      `${JSON.stringify(shown)} ${reason}`,
      {},
      {
        hint: 'write it as deb-version(7) says: [EPOCH:]UPSTREAM[-REVISION]',
      },
    );
  };
  if (text === '') return fail('is empty');
  if (text.length > VERSION_LENGTH_MAX) return fail('is too long');
  const version = splitVersion(text);
  const { epoch, upstream, revision } = version;
  if (!/^[0-9]+$/.test(epoch)) return fail('has an epoch that is not a number');
  if (Number(epoch) > EPOCH_MAX) return fail('has an epoch that is too large');
  if (upstream === '') return fail('has no upstream part');
  if (!/^[0-9]/.test(upstream)) return fail('does not begin with a digit');
  if (!UPSTREAM.test(upstream)) return fail('has a character that is not allowed');
  const hasRevision = text.length > (text.includes(':') ? epoch.length + 1 : 0) + upstream.length;
  if (!hasRevision) return version;
  if (revision === '') return fail('has an empty revision');
  return REVISION.test(revision) ? version : fail('has a character in its revision that is not allowed');
}

/** Whether `parseVersion` accepts it. */
export function isVersion(text: string): boolean {
  try {
    parseVersion(text);
    return true;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}
