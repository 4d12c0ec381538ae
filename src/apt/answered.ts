import { AptLayerError } from '../errors/index.ts';
import type { InstalledPackage } from './installed.ts';
import { type AptRequest, LOCAL_DEBS, type Resolution, type ResolvedPackage } from './request.ts';

/** What a system is going to have besides what is installed now, and the names that apt took for others. */
export interface Answer extends Pick<Resolution, 'install' | 'remove'> {
  readonly selections: readonly Selection[];
}

/** Apt's choice of a package that provides what was asked for. */
interface Selection {
  readonly wanted: string;
  readonly name: string;
}

/** `Note, selecting 'exim4-daemon-light' instead of 'default-mta'`: the only package that provides a virtual one. */
export function parseSelections(output: string): Selection[] {
  return [...output.matchAll(/^Note, selecting '([^']+)' instead of '([^']+)'$/gm)].map(
    ([, name = '', wanted = '']) => ({ wanted, name }),
  );
}

/**
 * Checks that every local file is in the answer, or what the system has already. RESOLVE_FAILED names those that apt left out without a word: of
 * two files of one package it takes one. `packageAt` reads what a file holds.
 */
export function assertFilesAnswered(
  files: readonly string[],
  { install, remove }: Pick<Resolution, 'install' | 'remove'>,
  system: {
    readonly installed: () => ReadonlyMap<string, InstalledPackage>;
    readonly packageAt: (path: string) => InstalledPackage;
  },
): void {
  const taken = new Set(install.map(one => one.uri));
  const others = files.filter((_, index) => !taken.has(`file:${LOCAL_DEBS}/${index}.deb`));
  if (others.length === 0) return;
  const isKept = ({ name, architecture, version }: InstalledPackage) =>
    !remove.some(one => one === name || one === `${name}:${architecture}`) &&
    !install.some(one => one.name === name && one.architecture === architecture) &&
    [...system.installed().values()].some(
      one => one.name === name && one.architecture === architecture && one.version === version,
    );
  for (const path of others) {
    const found = system.packageAt(path);
    if (isKept(found)) continue;
    const { name, architecture, version } = found;
    const instead = install.find(one => one.name === name && one.architecture === architecture);
    throw new AptLayerError(
      'RESOLVE_FAILED',
      `apt left ${path} (${name} ${version}) out${instead === undefined ? '' : `: it takes ${name} ${instead.version} from elsewhere`}`,
      {
        hint: 'of several files of one package there can be one: take the others out',
        details: { path, package: name, version },
      },
    );
  }
}

/**
 * Checks that everything that was asked for is in the answer or installed already, and what is to go, goes. RESOLVE_FAILED names
 * what apt left out without a word.
 */
export function assertAnswered(
  request: AptRequest,
  answer: Answer,
  system: { readonly installed: () => ReadonlyMap<string, InstalledPackage>; readonly native: string },
): void {
  const { native } = system;
  const isNew = (argument: string) => answer.install.some(one => fits(one, parseArgument(argument), native));
  // Nothing else has to be read then.
  if (request.remove.length === 0 && request.install.every(isNew)) return;
  const gone = new Set(answer.remove.flatMap(name => [name, `${name}:${native}`]));
  const stays = [...system.installed()].filter(([key, one]) => !gone.has(key) && !gone.has(one.name));
  const there = [...answer.install, ...stays.map(([, one]) => one)];
  const has = (wanted: Wanted) => there.some(one => fits(one, wanted, native));
  const missing = request.install.filter(argument => {
    const wanted = parseArgument(argument);
    if (has(wanted)) return false;
    const chosen = answer.selections.filter(({ wanted: name }) => name.split(':')[0] === wanted.name);
    return !chosen.some(({ name }) => has({ ...parseArgument(name), version: wanted.version }));
  });
  const kept = request.remove.filter(name => stays.some(([, one]) => fits(one, parseArgument(name), native)));
  if (missing.length === 0 && kept.length === 0) return;
  throw new AptLayerError(
    'RESOLVE_FAILED',
    missing.length > 0
      ? `apt did not do what was asked: ${missing.join(', ')} would not be there`
      : `apt did not do what was asked: ${kept.join(', ')} would stay`,
    {
      hint: missing.some(name => /[+-]$/.test(name))
        ? 'apt takes a + or - at the end of a name for a word of its own: check the spelling'
        : 'check the spelling: apt takes a name that no package has for a pattern',
      details: { packages: [...missing, ...kept] },
    },
  );
}

interface Wanted {
  readonly name: string;
  readonly architecture: string | undefined;
  readonly version: string | undefined;
}

/** `NAME`, `NAME:ARCH`, `NAME=VERSION`, `NAME/SUITE`. */
function parseArgument(argument: string): Wanted {
  const [, name = argument, architecture, version] =
    /^([^:=/]+)(?::([^=/]+))?(?:=(.*)|\/.*)?$/.exec(argument) ?? [];
  return { name, architecture, version };
}

function fits(
  one: InstalledPackage | ResolvedPackage,
  { name, architecture, version }: Wanted,
  native: string,
): boolean {
  return (
    one.name === name &&
    ['all', architecture ?? native].includes(one.architecture) &&
    (version === undefined || one.version === version)
  );
}
