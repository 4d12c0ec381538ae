import { AptLayerError } from '../errors/index.ts';
import { nameList } from './failure-text.ts';
import type { AptRequest } from './request.ts';
import { type AptTarget, callApt } from './target.ts';

/** The better reason why apt finds no package: an architecture that the system has not, or a pin; else the error as it is. */
export async function explainUnavailable(
  target: AptTarget,
  request: AptRequest,
  error: AptLayerError,
): Promise<AptLayerError> {
  if (error.code !== 'RESOLVE_FAILED') return error;
  return foreign(target, request, error) ?? (await pinned(target, error)) ?? error;
}

function foreign(target: AptTarget, request: AptRequest, error: AptLayerError): AptLayerError | undefined {
  const names = packagesOf(error);
  const asked = request.install.filter(name => names.some(one => name === one || name.startsWith(`${one}:`)));
  const found = asked
    .map(name => /^([^:=/]+):([^=/]+)/.exec(name) ?? [])
    .filter(([, , architecture]) => architecture !== undefined)
    .find(([, , architecture = '']) => ![...target.architectures, 'all', 'any'].includes(architecture));
  if (found === undefined) return undefined;
  const [, name = '', architecture = ''] = found;
  return new AptLayerError(
    'RESOLVE_FAILED',
    `${name}:${architecture}: the system has no packages of ${architecture}, only of ${nameList(target.architectures)}`,
    {
      hint: `add the architecture with it: apt-layer layer-multiarch ${name} ${architecture} same`,
      details: { ...error.details, architecture },
      cause: error,
    },
  );
}

/** Packages that archives have, in versions that a pin below zero forbids. */
async function pinned(target: AptTarget, error: AptLayerError): Promise<AptLayerError | undefined> {
  const names = packagesOf(error);
  if (names.length === 0) return undefined;
  const output = await callApt(target, { command: ['apt-cache', 'policy', '--', ...names] }).catch(
    () => undefined,
  );
  const held = forbiddenVersions(output?.stdout.toString('utf8') ?? '');
  if (held.length === 0) return undefined;
  const list = held.map(({ name, version, priority }) => `${name} ${version} has priority ${priority}`);
  return new AptLayerError('RESOLVE_FAILED', `a pin forbids it: ${list.join(', ')}`, {
    hint: "drop the pin: `pins` of the spec, or a file of the image's /etc/apt/preferences.d",
    details: { ...error.details, pinned: held },
    cause: error,
  });
}

/** What `apt-cache policy` says of versions with a priority below zero, of packages without a candidate. */
export function forbiddenVersions(
  output: string,
): { readonly name: string; readonly version: string; readonly priority: number }[] {
  return output.split(/^(?=\S)/m).flatMap(block => {
    const name = /^(\S+):$/m.exec(block)?.[1];
    if (name === undefined || !/^ {2}Candidate: \(none\)$/m.test(block)) return [];
    return [...block.matchAll(/^ (?:\*\*\*| {3}) (\S+) (-\d+)$/gm)].map(([, version = '', priority]) => ({
      name,
      version,
      priority: Number(priority),
    }));
  });
}

function packagesOf(error: AptLayerError): string[] {
  const names = error.details?.['packages'];
  return Array.isArray(names) ? names.filter(name => typeof name === 'string') : [];
}
