import { AptLayerError } from '../../errors/index.ts';
import type { OverrideChoice } from './model.ts';
import { checkDebRequest, packageKey, parsePackageRequest } from './package-request.ts';

/** The choice of .deb files, written as on the command line. Throws USAGE. */
export function debChoice(texts: readonly string[]): OverrideChoice {
  const debs = texts.map(text => {
    // A bare file name would be a package.
    const checked = checkDebRequest(/^(?:\.{0,2}\/|https?:)/.test(text) ? text : `./${text}`);
    if ('value' in checked) return checked.value;
    throw new AptLayerError('USAGE', checked.reason, { hint: checked.hint });
  });
  return { kind: 'with', debs };
}

/** `NAME=VERSION` or `NAME/SUITE` as an override. Throws USAGE. */
export function versionChoice(text: string): { package: string; choice: OverrideChoice } {
  const request = parsePackageRequest(text);
  if (request.kind === 'version')
    return { package: nameOf(request), choice: { kind: 'version', version: request.version } };
  if (request.kind === 'suite')
    return { package: nameOf(request), choice: { kind: 'suite', suite: request.suite } };
  throw new AptLayerError('USAGE', `${text} names no version`, { hint: 'write NAME=VERSION or NAME/SUITE' });
}

function nameOf(request: { name: string; architecture?: string }): string {
  return packageKey({ kind: 'name', ...request });
}
