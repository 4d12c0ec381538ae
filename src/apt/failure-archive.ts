import { AptLayerError } from '../errors/index.ts';
import { suggestSuite } from './distributions/index.ts';
import type { Classify, FailureContext } from './failure-context.ts';
import { allMatches, hostOf, nameList, quoteLines } from './failure-text.ts';

/** Keys, signatures and dates: what apt says about an index that it could fetch but must not use. */
export const badSignature: Classify = (text, context, options) => {
  const lines = allMatches(
    text,
    /^(?:[WE]: )((?:GPG error|OpenPGP signature verification failed): .*|Release file for .* is (?:expired|not valid yet).*|The repository '.*' provides only weak security.*)$/gm,
  );
  if (lines.length === 0) return undefined;
  const said = lines.join('\n');
  const hint = signatureHint(said, context);
  return new AptLayerError('SIGNATURE', `the archive could not be verified:\n${quoteLines(lines, 6)}`, {
    ...options,
    hint,
  });
};

const SIGNATURE_HINTS: readonly (readonly [RegExp, string])[] = [
  [/Failed to parse keyring|No such file/, 'the keyring file is missing or is no keyring; correct its path'],
  [
    /EXPKEYSIG|KEYEXPIRED|expired on|EXPSIG/,
    'the key has expired: update the keyring package and run it again',
  ],
  [
    /REVKEYSIG|revoked/i,
    'the key was revoked: update the keyring package, and do not trust this archive before',
  ],
  [
    /BADSIG|has been manipulated/,
    'the index was changed after it was signed: do not use this mirror; try another one, and see whether a proxy alters it',
  ],
  [
    /NO_PUBKEY|Missing key/,
    'the keyring lacks the key that signed this archive: name the right keyring, or update its package',
  ],
  [
    /is expired/,
    'the mirror has stopped being updated, or the clock is wrong: check `date`, or use another mirror; for an archive that is old on purpose, give the spec a `snapshot`, or its repository `check-valid-until: false`',
  ],
  [/not valid yet/, 'the clock is behind: check `date`'],
  [/weak security/, 'the archive uses hashes or keys that are no longer safe: use another archive'],
];

function signatureHint(said: string, context: FailureContext): string {
  const found =
    SIGNATURE_HINTS.find(([pattern]) => pattern.test(said))?.[1] ?? 'check the keyring of this archive';
  return context.keyring === undefined ? found : `${found} (keyring: ${context.keyring})`;
}

/** A repository without a signature at all; asked after `unreachable`, which apt also calls unsigned. */
export const unsigned: Classify = (text, _context, options) => {
  const repositories = allMatches(text, /The repository '(.*?)' is (?:not signed|no longer signed)/g);
  if (repositories.length === 0) return undefined;
  return new AptLayerError('SIGNATURE', `the archive ${nameList(repositories)} is not signed`, {
    ...options,
    hint: 'only signed archives are used: sign it (apt-ftparchive release, gpg --clearsign) and name its key in Signed-By',
  });
};

/** A suite that the mirror does not have. */
export const missingSuite: Classify = (text, context, options) => {
  const found = [...text.matchAll(/The repository '(\S+) (\S+) Release' does not have a Release file/g)];
  if (found.length === 0) return undefined;
  const all = [...new Set(found.map(match => match[2] ?? ''))];
  // The updates of a suite that is missing need no mention.
  const suites = all.filter(suite => !all.some(other => suite.startsWith(`${other}-`)));
  const mirror = found[0]?.[1] ?? '';
  const nearest = suites
    .map(suite => suggestSuite(suite))
    .find(name => name !== undefined && !suites.includes(name));
  const hint =
    nearest === undefined
      ? 'check the name of the suite and the address of the mirror'
      : `did you mean \`${nearest}\`?`;
  return new AptLayerError('RESOLVE_FAILED', `${mirror} has no suite ${nameList(suites)}`, {
    ...options,
    hint,
    details: { ...options.details, suites, mirror, suggestion: nearest, suite: context.suite },
  });
};

/** A mirror that cannot be reached, or refuses. */
export const unreachable: Classify = (text, _context, options) => {
  const failed = [...text.matchAll(/^[EW]: Failed to fetch (\S+) +(.*)$/gm)].filter(
    match => !/Hash Sum mismatch|unexpected size|No space left/.test(match[2] ?? ''),
  );
  const first = failed[0];
  if (first === undefined) return undefined;
  const [, uri = '', reason = ''] = first;
  const host = hostOf(uri) ?? uri;
  const status = /^(\d{3}) /.exec(reason)?.[1];
  const clean = reason.replace(/\s*\[IP: [^\]]*\]/, '').replace(/^(\d{3})\s+/, '$1 ');
  const message = `${host} ${status === undefined ? 'could not be reached' : 'did not deliver'}: ${clean}\n  ${uri}`;
  return new AptLayerError('NETWORK', message, {
    ...options,
    hint: networkHint(clean, status),
    details: { ...options.details, host, uri, reason: clean },
  });
};

function networkHint(reason: string, status: string | undefined): string {
  if (status === '401' || status === '403' || status === '407')
    return 'the server wants a password: put it into /etc/apt/auth.conf.d (apt_auth.conf(5))';
  if (status === '404') return 'the package lists are older than the mirror: run it again with --refresh';
  if (/resolve/i.test(reason)) return 'check the name of the mirror, and the name server in /etc/resolv.conf';
  if (/certificate|TLS|SSL/i.test(reason))
    return 'check ca-certificates, the clock, and whether a proxy is between';
  return 'check the network, the proxy settings and the address of the mirror, and run it again';
}

/** An answer that is no signed index: a web page, or one with something before its signed part; `fetchLists` finds out which. */
export const notSigned: Classify = (text, _context, options) => {
  const line = /^[EW]: .*Clearsigned file isn't valid.*$/m.exec(text)?.[0];
  if (line === undefined) return undefined;
  const uri = /(?:Failed to fetch |The repository ')(\S+)/.exec(line)?.[1] ?? '';
  return new AptLayerError(
    'SIGNATURE',
    `${uri} is no signed index: it does not begin with its signed part, or has something besides`,
    {
      ...options,
      hint: 'where it is a web page, the network wants a login in a browser first; else its publisher has to sign it again',
      details: { ...options.details, uri, notSigned: true },
    },
  );
};

/** Data that is not what the signed index says. */
export const damaged: Classify = (text, _context, options) => {
  const match = /Failed to fetch (\S+) +(Hash Sum mismatch|File has unexpected size \([^)]*\))/.exec(text);
  if (match === null) return undefined;
  return new AptLayerError(
    'INTEGRITY',
    `${match[1]} is not what the archive's signed index says: ${match[2]}`,
    {
      ...options,
      hint: 'the mirror may be in the middle of an update: run it again in some minutes, or use another mirror',
      details: { ...options.details, uri: match[1] },
    },
  );
};
