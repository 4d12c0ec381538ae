import type { Deployment } from '../../deployment/index.ts';
import {
  type LastingWarning,
  lastingWarning,
  log,
  type Reporter,
  type Warnings,
  warn,
  warningsAfter,
} from '../../report/index.ts';
import { placeProblem } from '../apply/index.ts';
import type { BuildResult } from '../build/index.ts';
import type { Spec } from '../spec/index.ts';

/** More are not kept: they would be said again. */
const KEPT_MAX = 5000;

/** What a change need not say again: what the deployment that it follows warned of. What only becomes an image follows none. */
export function knownWarnings(followed: Deployment | undefined): Warnings {
  return warningsAfter(followed?.warnings ?? []);
}

/** Says which files of a spec are not on every machine as the spec has them. */
export function warnOfPlaces(reporter: Reporter, warnings: Warnings, { files }: Spec): void {
  const all = files.flatMap(file => {
    const problem = placeProblem(file);
    return problem === undefined ? [] : [lastingWarning([problem.rule, file.path], problem.message)];
  });
  warn(reporter, warnings, { all });
}

/**
 * What is to be kept with the deployment of a build; undefined when nobody knows. A build that was done before says nothing: what it said
 * then stands with the deployments of its image, and is said now where it is new to the system.
 */
export function warningsToKeep(
  reporter: Reporter,
  warnings: Warnings,
  { image, cached }: BuildResult,
  deployments: readonly Deployment[],
): readonly LastingWarning[] | undefined {
  const before = cached
    ? deployments.find(one => one.image === image && one.warnings !== undefined)?.warnings
    : [];
  if (before === undefined) return undefined;
  const unsaid = before.filter(one => !warnings.found.has(one.key));
  warn(reporter, warnings, { all: unsaid });
  noteRepeated(reporter, warnings);
  return [...warnings.found.values()].slice(0, KEPT_MAX);
}

function noteRepeated(reporter: Reporter, { found, known }: Warnings): void {
  const count = [...found.keys()].filter(key => known.has(key)).length;
  if (count === 0) return;
  const what = count === 1 ? 'a warning of before is' : `${count} warnings of before are`;
  log(reporter, 'info', `${what} not repeated: \`apt-layer status -v\` lists them`);
}
