import { AptLayerError, type ErrorOptions } from '../errors/index.ts';
import type { Classify } from './failure-context.ts';
import { allMatches, indentedAfter, nameList, quoteLines } from './failure-text.ts';

/** Requests that name something the archive does not have. All of them, not only the first. */
export const unknownPackages: Classify = (text, _context, options) => {
  const unknown = allMatches(text, /Unable to locate package (\S+)/g);
  const patterns = allMatches(text, /Couldn't find any package by (?:glob|regex) '([^']*)'/g);
  const unavailable = allMatches(text, /Package '([^']*)' has no installation candidate/g);
  const versions = [...text.matchAll(/(Version|Release) '([^']*)' for '([^']*)' was not found/g)];
  const parts = [
    ...sentence(unknown.length > 0 ? unknown : patterns, 'no package is called '),
    ...sentence(unavailable, 'no source offers a version of '),
    ...versions.map(
      ([, kind, wanted, name]) =>
        `${name} has no ${kind === 'Version' ? 'version' : 'version in the release'} ${wanted}`,
    ),
  ];
  if (parts.length === 0) return undefined;
  const virtual = [...text.matchAll(/^Package (\S+) is a virtual package provided by:\n((?: {2}.*\n)*)/gm)];
  const providers = virtual.flatMap(match => allMatches(match[2] ?? '', /^ {2}(\S+)/gm));
  const names = [
    ...new Set([...unknown, ...patterns, ...unavailable, ...versions.map(match => match[3] ?? '')]),
  ];
  return new AptLayerError('RESOLVE_FAILED', parts.join('; '), {
    ...options,
    hint:
      providers.length > 0
        ? `it is a virtual package: name one that provides it, ${nameList(providers.slice(0, 8))}`
        : 'check the spelling, or add the repository that has it under `repositories` of the spec',
    details: { ...options.details, packages: names },
  });
};

function sentence(names: readonly string[], beginning: string): string[] {
  return names.length === 0 ? [] : [`${beginning}${nameList(names)}`];
}

/** Requests that contradict each other, the base, a hold or a pin. */
export const contradiction: Classify = (text, _context, options) => {
  const unmet = indentedAfter(text, /^(?:E: )?The following packages have unmet dependencies:/);
  const solver = indentedAfter(text, /^E: The following information from --solver/);
  const broken = /you have held broken packages|Unmet dependencies|Broken packages|pkgProblemResolver/.test(
    text,
  );
  const forbidden =
    /^E: (Held packages were changed|Packages were downgraded|Essential packages were removed|Packages need to be removed but remove is disabled|Removing essential system-critical packages).*/m.exec(
      text,
    );
  if (unmet.length === 0 && solver.length === 0 && !broken && forbidden === null) return undefined;
  const reasons = [...unmet, ...solver];
  const why = forbidden?.[1] ?? 'the requested packages cannot be installed together';
  return new AptLayerError(
    'RESOLVE_FAILED',
    reasons.length === 0 ? why : `${why}:\n${quoteLines(reasons, 20)}`,
    {
      ...options,
      hint: forbidden === null ? contradictionHint(reasons.join('\n')) : FORBIDDEN_HINTS[forbidden[1] ?? ''],
    },
  );
};

const FORBIDDEN_HINTS: Readonly<Record<string, string>> = {
  'Held packages were changed': 'release the hold, or leave out the package that needs another version',
  'Packages were downgraded': 'name the version with NAME=VERSION, or drop the pin',
};

function contradictionHint(reasons: string): string {
  if (/not installable|no choices/.test(reasons))
    return 'a dependency is in no source: add the repository that has it under `repositories` of the spec, or leave the package out';
  if (/Conflicts|Breaks|but .* is to be installed/.test(reasons))
    return 'leave out one of the packages that exclude each other';
  return 'leave one of the packages out, or drop the pin, hold or version that stands against it';
}

/** Maintainer scripts as dpkg names them in its messages. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'pre-installation': 'preinst',
  'post-installation': 'postinst',
  'pre-removal': 'prerm',
  'post-removal': 'postrm',
};

/** A package that dpkg could not unpack or configure: the first whose failure is its own. */
export const dpkgFailed: Classify = (text, _context, options) => {
  const found = [
    ...text.matchAll(/dpkg: error processing (?:package|archive) (\S+) \(--([a-z-]+)\):\n?\s*(.*)/g),
  ];
  const own = found.find(match => !/dependency problems/.test(match[3] ?? '')) ?? found[0];
  if (own === undefined) return withoutPackage(text, options);
  const [, subject = '', action = '', reason = ''] = own;
  const name = subject.replace(/^.*\/([^/_]+)_[^/]*\.deb$/, '$1');
  const script =
    SCRIPTS[/(pre-installation|post-installation|pre-removal|post-removal) script/.exec(reason)?.[1] ?? ''];
  const status = /(?:error exit status|failed with exit code) (\d+)/.exec(reason)?.[1];
  const what =
    script === undefined
      ? `dpkg could not ${action === 'unpack' ? 'unpack' : 'configure'} ${name}: ${reason}`
      : `the ${script} script of ${name} failed${status === undefined ? '' : ` with exit code ${status}`}`;
  const said = script === undefined ? [] : outputBefore(text, own.index);
  return new AptLayerError('DPKG_FAILED', said.length === 0 ? what : `${what}:\n${quoteLines(said, 10)}`, {
    ...options,
    hint: script === undefined ? dpkgHint(reason) : scriptHint(said, name),
    details: { ...options.details, package: name, script, reason },
  });
};

/** What the script printed: the lines between dpkg's own and its error. */
function outputBefore(text: string, index: number): string[] {
  const lines = text.slice(0, index).trimEnd().split('\n');
  const last = (pattern: RegExp) => lines.findLastIndex(line => pattern.test(line));
  const begun = last(
    /^(?:Setting up|Unpacking|Preparing to unpack|Removing|Processing triggers|dpkg: error|E: Can not write log|Errors were|--- )/,
  );
  // Behind a line of dpkg's these are words of an apt that the script ran.
  const start = begun >= 0 ? begun : last(/^(?:E|W): /);
  return lines
    .slice(start + 1)
    .filter(line => line.trim() !== '')
    .slice(-10);
}

function dpkgHint(reason: string): string {
  return /trying to overwrite/.test(reason)
    ? 'two packages ship the same file: leave one of them out'
    : "see the transaction's log for all that dpkg printed";
}

/** The same where it is a script of a package that failed, whatever it ran: apt in a script finds dpkg locked. */
export const scriptFailed: Classify = (text, context, options) =>
  /(?:pre|post)-(?:installation|removal) script/.test(text) ? dpkgFailed(text, context, options) : undefined;

/** What the last words of a script mean to whoever wrote it. */
function scriptHint(said: readonly string[], name: string): string {
  if (said.some(line => /Could not get lock|dpkg frontend lock|is another process using it/.test(line)))
    return `packages cannot be installed from within a script: name them in Depends of ${name}, or layer them beside it`;
  return `see the transaction's log for all it printed, or leave ${name} out`;
}

function withoutPackage(text: string, options: ErrorOptions): AptLayerError | undefined {
  const line = /^(?:E: )?(Sub-process \/usr\/bin\/dpkg .*|dpkg: error: .*|dpkg: unrecoverable .*)$/m.exec(
    text,
  );
  if (line === null) return undefined;
  return new AptLayerError('DPKG_FAILED', `dpkg failed: ${line[1]}`, {
    ...options,
    hint: "see the transaction's log for all that dpkg printed",
  });
}
