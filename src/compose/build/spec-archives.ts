import type { SpecArchives, TargetRepository } from '../../apt/index.ts';
import type { MetadataPolicy } from '../../layer/index.ts';
import type { Spec } from '../spec/index.ts';

/** What a spec says of archives; with a `snapshot` they are old on purpose. Its addresses have the snapshot's time in place. */
export function specArchives(spec: Spec, metadata: MetadataPolicy): SpecArchives {
  const { mirror, securityMirror } = spec.bootstrap;
  return {
    repositories: specRepositories(spec),
    addresses: [mirror, securityMirror].filter(one => one !== undefined),
    old: spec.snapshot !== undefined,
    disabled: metadata.withoutSources ?? [],
  };
}

/** The repositories of a spec as its system gets them. */
export function specRepositories({ repositories, snapshot }: Spec): TargetRepository[] {
  return repositories.map(one => ({
    ...one,
    checkValidUntil: snapshot === undefined && one.checkValidUntil !== false,
  }));
}
