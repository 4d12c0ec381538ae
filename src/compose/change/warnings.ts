import type { Deployment, StageRecord } from '../../deployment/index.ts';
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
 * What is to be kept with the deployment of a build; undefined when nobody knows. A build or a stage that was done before says nothing: what it
 * said then stands with the deployments that have it, and is said now where it is new to the system.
 */
export function warningsToKeep(
  reporter: Reporter,
  warnings: Warnings,
  built: BuildResult,
  deployments: readonly Deployment[],
): readonly LastingWarning[] | undefined {
  const { image, cached } = built;
  const before = cached
    ? deployments.find(one => one.image === image && one.warnings !== undefined)?.warnings
    : ofStages(built, deployments);
  if (before === undefined) return undefined;
  const unsaid = before.filter(one => !warnings.found.has(one.key));
  warn(reporter, warnings, { all: unsaid });
  noteRepeated(reporter, warnings);
  return [...warnings.found.values()].slice(0, KEPT_MAX);
}

/** What the stages that were there warned of; undefined when no deployment knows. */
function ofStages(
  { stages }: BuildResult,
  deployments: readonly Deployment[],
): readonly LastingWarning[] | undefined {
  const said = stages.map(stage => {
    if (stage.warned !== undefined) return [];
    const known = knownStage(stage.ref, deployments);
    const keys = new Set(known?.stage.warned);
    return known?.deployment.warnings?.filter(one => keys.has(one.key));
  });
  return said.includes(undefined) ? undefined : said.flatMap(one => one ?? []);
}

/** The stages of a build as its deployment records them. */
export function stageRecords(
  { stages }: Pick<BuildResult, 'stages'>,
  deployments: readonly Deployment[],
): StageRecord[] {
  return stages.map(({ ref, packages, warned }) => ({
    ref,
    packages: packages.length,
    requested: packages.filter(one => one.requested).map(one => one.name),
    warned: warned ?? knownStage(ref, deployments)?.stage.warned,
  }));
}

function knownStage(ref: string, deployments: readonly Deployment[]) {
  for (const deployment of deployments) {
    const stage = deployment.stages.find(one => one.ref === ref && one.warned !== undefined);
    if (stage !== undefined && deployment.warnings !== undefined) return { deployment, stage };
  }
  return undefined;
}

function noteRepeated(reporter: Reporter, { found, known }: Warnings): void {
  const count = [...found.keys()].filter(key => known.has(key)).length;
  if (count === 0) return;
  const what = count === 1 ? 'a warning of before is' : `${count} warnings of before are`;
  log(reporter, 'info', `${what} not repeated: \`apt-layer status -v\` lists them`);
}
