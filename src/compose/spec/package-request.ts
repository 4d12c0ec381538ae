import { AptLayerError, assertNever } from '../../errors/index.ts';
import { type Checked, quoteText, type Refusal } from './checked.ts';
import type { DebRequest, PackageRequest } from './model.ts';
import { checkArchitecture, checkPackageName, checkPackageVersion, checkSuite } from './names.ts';
import { checkHostPath } from './paths.ts';

/**
 * Reads `NAME`, `NAME:ARCH`, `NAME=VERSION`, `NAME/SUITE` (the last two also after `:ARCH`), `./file.deb`,
 * `/abs/file.deb` or `https://host/file.deb#sha256=HEX`, as on the command line. Throws USAGE.
 */
export function parsePackageRequest(text: string): PackageRequest {
  const checked = checkPackageRequest(text);
  if ('value' in checked) return checked.value;
  throw new AptLayerError('USAGE', `package request: ${checked.reason}`, { hint: checked.hint });
}

/** The inverse of `parsePackageRequest`. */
export function renderPackageRequest(request: PackageRequest): string {
  switch (request.kind) {
    case 'file':
      return request.path;
    case 'url':
      return `${request.url}#sha256=${request.sha256}`;
    case 'name':
      return packageKey(request);
    case 'version':
      return `${packageKey(request)}=${request.version}`;
    case 'suite':
      return `${packageKey(request)}/${request.suite}`;
    default:
      return assertNever(request);
  }
}

/** Whether it asks for a .deb that no archive has to know. */
export function isDebRequest(request: PackageRequest): request is DebRequest {
  return request.kind === 'file' || request.kind === 'url';
}

/** What a spec may request once: NAME or NAME:ARCH, the path of a file, or an address. */
export function packageKey(request: PackageRequest): string {
  if (request.kind === 'file') return request.path;
  if (request.kind === 'url') return request.url;
  return request.architecture === undefined ? request.name : `${request.name}:${request.architecture}`;
}

/** The same as a value of the spec. What begins with `/`, `./` or `../` is a file, what begins with `https:` an address. */
export function checkPackageRequest(text: string): Checked<PackageRequest> {
  if (DEB_REQUEST.test(text)) return checkDebRequest(text);
  const match = /^([^:=/]*)(?::([^=/]*))?(?:=(.*)|\/(.*))?$/s.exec(text);
  if (match === null) throw new Error('the pattern takes any text');
  const [, nameText = '', architectureText, versionText, suiteText] = match;
  if (text.endsWith('.deb') && versionText === undefined)
    return { reason: `${quoteText(text)} is not a package`, hint: `write ./${text} for a file` };
  const name = checkPackageName(nameText);
  if (!('value' in name)) return name;
  let named: { name: string; architecture?: string } = { name: name.value };
  if (architectureText !== undefined) {
    const architecture = checkArchitecture(architectureText);
    if (!('value' in architecture)) return inRequest(text, architecture);
    named = { ...named, architecture: architecture.value };
  }
  if (versionText !== undefined) {
    const version = checkPackageVersion(versionText);
    return 'value' in version
      ? { value: { kind: 'version', ...named, version: version.value } }
      : inRequest(text, version);
  }
  if (suiteText !== undefined) {
    const suite = checkSuite(suiteText);
    return 'value' in suite
      ? { value: { kind: 'suite', ...named, suite: suite.value } }
      : inRequest(text, suite);
  }
  return { value: { kind: 'name', ...named } };
}

const DEB_REQUEST = /^(?:\.{0,2}\/|https?:\/\/)/;

/** The path or the address of a .deb. */
export function checkDebRequest(text: string): Checked<DebRequest> {
  return /^https?:/.test(text) ? checkUrl(text) : checkFile(text);
}

function checkUrl(text: string): Checked<DebRequest> {
  const [, url = '', sha256 = ''] = /^([^#]*)#sha256=([0-9a-f]{64})$/i.exec(text) ?? [];
  if (sha256 === '')
    return {
      reason: `${quoteText(text)} does not say what it must be`,
      hint: 'add #sha256= and the SHA-256 of the file after the address',
    };
  const { pathname, username, password } = URL.canParse(url)
    ? new URL(url)
    : { pathname: '', username: '', password: '' };
  if (/[^\x21-\x7e]/.test(url) || !pathname.endsWith('.deb'))
    return { reason: `${quoteText(url)} is not the address of a package file`, hint: 'it ends with .deb' };
  if (username !== '' || password !== '')
    return {
      reason: 'an address must not hold a user name or password',
      hint: 'put them into apt_auth.conf(5) of the building machine',
    };
  return { value: { kind: 'url', url, sha256: sha256.toLowerCase() } };
}

function checkFile(text: string): Checked<DebRequest> {
  if (!text.endsWith('.deb') || text.endsWith('/.deb'))
    return {
      reason: `${quoteText(text)} is not a package file`,
      hint: 'the name of a package file ends with .deb',
    };
  const path = checkHostPath(text);
  return 'value' in path ? { value: { kind: 'file', path: path.value } } : path;
}

function inRequest(text: string, refusal: Refusal): Refusal {
  return { ...refusal, reason: `in ${quoteText(text)}, ${refusal.reason}` };
}
