import { createHash } from 'node:crypto';
import { CODE } from '../../code/index.ts';
import { installedIn, STAGE_REFS } from '../../deployment/index.ts';
import type { BuildContext } from '../../layer/index.ts';
import { type Lock, type LockedPackage, stageCount, stageOf } from '../lock/index.ts';
import { type DebconfAnswer, packageKey, type Spec } from '../spec/index.ts';
import { stageOfAnswer } from './answers.ts';
import type { Base } from './base.ts';
import { installedTest } from './installed-test.ts';
import { strictnessOf } from './scripts-policy.ts';

/** One stage of a build: packages that are installed onto the base, or onto what the stage before gave. */
export interface Stage {
  readonly packages: readonly LockedPackage[];
  /** Packages of the base that go; only of the first stage. */
  readonly remove: readonly string[];
  /** What is answered before its packages ask. */
  readonly answers: readonly DebconfAnswer[];
  /** Foreign architectures of its packages. */
  readonly architectures: readonly string[];
  /** The ref that keeps its tree, named by all that decides it and by what might have refused it. */
  readonly ref: string;
  /** The same for a spec that refuses nothing. */
  readonly lenientRef: string;
}

export interface Stages {
  readonly stages: readonly Stage[];
  /** Answers that nobody asks for yet: they come after the last stage. */
  readonly waiting: readonly DebconfAnswer[];
}

export interface StagedSources {
  /** Its policies have the names of packages, and not of their files. */
  readonly spec: Spec;
  readonly base: Base;
  readonly lock: Lock;
}

/** The stages of a lock, each with the key by which its tree is found again. */
export function planStages(context: BuildContext, { spec, base, lock }: StagedSources): Stages {
  const isInBase = installedTest(installedIn(context.store, base.tree));
  const count = stageCount(lock);
  const answers = spec.debconf.map(answer => ({
    answer,
    stage: count === 0 ? undefined : stageOfAnswer(answer, { packages: lock.packages, isInBase }),
  }));
  const answersOf = (number: number | undefined) =>
    answers.filter(one => one.stage === number).map(one => one.answer);
  const foreign = spec.multiArch.enabled ? spec.multiArch.architectures : [];
  const stages: Stage[] = [];
  for (let number = 1; number <= count; number += 1) {
    const packages = lock.packages.filter(one => stageOf(one) === number);
    const stage = {
      packages,
      remove: number === 1 ? (lock.removed ?? []) : [],
      answers: answersOf(number),
      architectures: foreign.filter(name => packages.some(one => one.architecture === name)),
    };
    const before = stages.at(-1);
    const here = new Set(lock.packages.filter(one => stageOf(one) <= number).flatMap(namesOf));
    const input = {
      code: CODE.packages,
      ...stage,
      packages: packages.map(({ name, architecture, sha256, network = false }) => [
        ...[name, architecture, sha256],
        network,
      ]),
      policies: policiesFor(spec, name => here.has(name) || isInBase(name)),
    };
    const own = new Set(packages.flatMap(namesOf));
    const strictness = strictnessOf(spec, name => own.has(name));
    const judged = strictness === undefined ? undefined : [CODE.judge, strictness];
    stages.push({
      ...stage,
      ref: stageRef([before?.ref ?? base.digest, input, judged ?? null]),
      lenientRef: stageRef([before?.lenientRef ?? base.digest, input, null]),
    });
  }
  return { stages, waiting: answersOf(undefined) };
}

/** What decides about permissions and conflicts of the packages that there are by then. */
function policiesFor({ metadata, layerPolicies, layers }: Spec, isThere: (name: string) => boolean) {
  const own = layerPolicies
    .filter(one => isThere(one.package))
    .flatMap(({ package: name, preservePermissions, conflictResolution }) =>
      preservePermissions === undefined && conflictResolution === undefined
        ? []
        : [[name, preservePermissions ?? null, conflictResolution ?? null]],
    )
    .sort();
  const settles = [metadata, ...layerPolicies].some(one => one.conflictResolution !== undefined);
  const order = settles ? layers.map(packageKey).filter(isThere) : [];
  return [metadata.preservePermissions, metadata.conflictResolution ?? null, own, order];
}

function namesOf({ name, architecture }: LockedPackage): string[] {
  return [name, `${name}:${architecture}`];
}

function stageRef(input: unknown): string {
  return `${STAGE_REFS}${createHash('sha256').update(JSON.stringify(input)).digest('hex')}`;
}
