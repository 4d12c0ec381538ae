import { AptLayerError, type ErrorCode } from '../errors/index.ts';
import type { CommandFailed } from '../process/index.ts';

interface Explanation {
  /** In what skopeo says last. */
  readonly said: RegExp;
  readonly code: ErrorCode;
  readonly what: string;
  readonly hint?: string;
}

const LOGIN = 'log in with `apt-layer login HOST`, or name a file with --authfile';

/** What skopeo says, the first that fits. Its texts are those of containers/image and of Go's net/http. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    said: /no space left on device/i,
    code: 'NO_SPACE',
    what: 'the disk is full',
    hint: '`apt-layer cleanup` removes what nothing needs',
  },
  {
    said: /sigstore disabled/i,
    code: 'HOST_UNSUPPORTED',
    what: 'this skopeo knows no signatures of sigstore',
    hint: 'install a newer one: that of Debian 12 was built without them, that of Debian 13 has them',
  },
  {
    said: /unknown key "|unknown policy requirement type|invalid policy|error loading trust policy/i,
    code: 'HOST_UNSUPPORTED',
    what: 'this skopeo cannot check what containers-policy.json(5) demands',
    hint: 'correct the rule, or install a skopeo that knows it (`man containers-policy.json` has what this one knows)',
  },
  {
    said: /source image rejected|rejected by policy|signature .*(?:required|invalid)|invalid signature|no (?:matching )?signatures?\b|cryptographic signature/i,
    code: 'SIGNATURE',
    what: 'containers-policy.json(5) does not allow this image',
    hint: 'see /etc/containers/policy.json for what is demanded of it',
  },
  {
    said: /manifest unknown|name unknown|manifest_unknown|StatusCode: 404|404 \(?Not Found|repository .* not found/i,
    code: 'NOT_FOUND',
    what: 'the registry does not have it',
    hint: 'check the name and the tag',
  },
  {
    said: /invalid username\/password|incorrect username or password/i,
    code: 'NETWORK',
    what: 'the registry takes no such name and password',
  },
  {
    said: /unauthorized|authentication required|StatusCode: 401|401 \(?Unauthorized/i,
    code: 'NETWORK',
    what: 'the registry asks for a name and a password',
    hint: LOGIN,
  },
  {
    said: /\bdenied\b|StatusCode: 403|403 \(?Forbidden/i,
    code: 'NETWORK',
    what: 'the registry refuses it',
    hint: `${LOGIN}; who has logged in needs the permission as well`,
  },
  {
    said: /StatusCode: 429|too ?many ?requests/i,
    code: 'NETWORK',
    what: 'the registry has had too many requests',
    hint: 'wait, then run it again; what was fetched is kept by layer',
  },
  {
    said: /server gave HTTP response to HTTPS client/i,
    code: 'NETWORK',
    what: 'the registry speaks HTTP without TLS',
    hint: 'if that is meant: --tls-verify=false, or `insecure = true` for it in /etc/containers/registries.conf',
  },
  {
    said: /x509:|tls: /i,
    code: 'NETWORK',
    what: 'the certificate of the registry is not trusted',
    hint: 'put the certificate of its authority into /etc/containers/certs.d/HOST/ca.crt',
  },
  { said: /\bis blocked\b|blocked in/i, code: 'NETWORK', what: 'registries.conf blocks this registry' },
  {
    said: /digest.*(?:mismatch|did not match|does not match)|does not match expected|unexpected digest|Digest did not match/i,
    code: 'INTEGRITY',
    what: 'the registry sent other bytes than the digest says',
  },
  {
    said: /no such host|Temporary failure in name resolution/i,
    code: 'NETWORK',
    what: 'there is no registry of that name',
    hint: 'check the name and the network',
  },
  {
    said: /connection refused|network is unreachable|no route to host|i\/o timeout|deadline exceeded|TLS handshake timeout/i,
    code: 'NETWORK',
    what: 'the registry cannot be reached',
    hint: 'check the network, and run it again',
  },
  {
    said: /unexpected EOF|connection reset|EOF$|broken pipe/i,
    code: 'NETWORK',
    what: 'the connection to the registry broke',
    hint: 'run it again: layers that are complete are not fetched again',
  },
  {
    said: /unexpected HTTP status: 5|StatusCode: 5\d\d|50\d /i,
    code: 'NETWORK',
    what: 'the registry has a fault',
    hint: 'run it again later',
  },
];

/** The error of this program for one of skopeo's. */
export function explainFailure(error: CommandFailed, where: string): AptLayerError {
  const said = lastSaid(error.stderrTail);
  const found = EXPLANATIONS.find(one => one.said.test(said));
  if (found === undefined) {
    const text = said === '' ? error.message : said;
    return new AptLayerError(error.exitStatus === undefined ? error.code : 'NETWORK', `${where}: ${text}`, {
      cause: error,
    });
  }
  const { code, what, hint } = found;
  return new AptLayerError(code, `${where}: ${what}\n  ${said}`, { hint, details: { said } });
}

/** The message of the last line of logrus, without what stands around it. */
export function lastSaid(stderr: string): string {
  const line = stderr.trim().split('\n').at(-1) ?? '';
  const message = /msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
  if (message === undefined) return line;
  return message.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? ' ' : letter));
}
