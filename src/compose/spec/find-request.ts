import { posix } from 'node:path';
import { AptLayerError } from '../../errors/index.ts';
import type { PackageRequest } from './model.ts';
import { isDebRequest, packageKey, parsePackageRequest, renderPackageRequest } from './package-request.ts';
import { didYouMean } from './suggest.ts';

/**
 * Which of `layers` each of `wanted` names: the same request, or for a bare name the one request for that
 * package, however it is pinned. Throws NOT_FOUND naming all that are not requested, and what is.
 */
export function findRequests(
  layers: readonly PackageRequest[],
  wanted: readonly string[],
): readonly number[] {
  const found = new Set<number>();
  const missing: string[] = [];
  for (const text of wanted) {
    const matches = matching(layers, parsePackageRequest(text));
    if (matches.length > 1)
      throw new AptLayerError('USAGE', `${text} is requested more than once`, {
        hint: `say which: ${matches.map(index => renderPackageRequest(layers[index]!)).join(', ')}`,
      });
    if (matches[0] === undefined) missing.push(text);
    else found.add(matches[0]);
  }
  if (missing.length > 0) throw notRequested(layers, missing);
  return [...found];
}

function matching(layers: readonly PackageRequest[], wanted: PackageRequest): readonly number[] {
  const text = renderPackageRequest(wanted);
  const exact = layers.findIndex(request => renderPackageRequest(request) === text);
  if (exact !== -1) return [exact];
  if (wanted.kind !== 'name') return [];
  const { name, architecture } = wanted;
  return layers.flatMap((request, index) => {
    if (isDebRequest(request)) return isFileOf(packageKey(request), name) ? [index] : [];
    const same =
      request.name === name && (architecture === undefined || request.architecture === architecture);
    return same ? [index] : [];
  });
}

/** Files of packages are called NAME_VERSION_ARCH.deb by convention. */
function isFileOf(path: string, name: string): boolean {
  const file = posix.basename(path);
  return file === `${name}.deb` || file.startsWith(`${name}_`);
}

function notRequested(layers: readonly PackageRequest[], missing: readonly string[]): AptLayerError {
  const requested = layers.map(renderPackageRequest);
  const meant = missing.length === 1 ? didYouMean(missing[0]!, requested) : undefined;
  const all = requested.length === 0 ? 'nothing is requested' : `requested are: ${requested.join(', ')}`;
  const verb = missing.length === 1 ? 'is' : 'are';
  return new AptLayerError('NOT_FOUND', `${missing.join(', ')} ${verb} not requested`, {
    hint: meant === undefined ? all : `${meant} (${all})`,
    details: { missing, requested },
  });
}
