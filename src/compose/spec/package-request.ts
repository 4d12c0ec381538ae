import { AptLayerError, assertNever } from '../../errors/index.ts';
import { type Checked, quoteText, type Refusal } from './checked.ts';
import type { PackageRequest } from './model.ts';
import { checkArchitecture, checkPackageName, checkPackageVersion, checkSuite } from './names.ts';
import { checkHostPath } from './paths.ts';

/**
 * Reads `NAME`, `NAME:ARCH`, `NAME=VERSION`, `NAME/SUITE` (the last two also after `:ARCH`), `./file.deb` or
 * `/abs/file.deb`, as on the command line. Throws USAGE.
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

/** What a spec may request once: NAME or NAME:ARCH, or the path of a file. */
export function packageKey(request: PackageRequest): string {
  if (request.kind === 'file') return request.path;
  return request.architecture === undefined ? request.name : `${request.name}:${request.architecture}`;
}

/** The same as a value of the spec. What begins with `/`, `./` or `../` is a file. */
export function checkPackageRequest(text: string): Checked<PackageRequest> {
  if (/^\.{0,2}\//.test(text)) return checkFile(text);
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

function checkFile(text: string): Checked<PackageRequest> {
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
