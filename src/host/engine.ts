/** Programs that build images of Containerfiles, the preferred first. */
export const ENGINES = ['podman', 'docker', 'buildah'] as const;

export type EngineName = (typeof ENGINES)[number];

/** Which engine builds images of Containerfiles. */
export interface EngineChoice {
  /** `--engine`. */
  readonly asked: EngineName | undefined;
  /** `engine` of the machine's configuration: read when it is asked for. */
  readonly configured: () => Promise<EngineName | undefined>;
}
