import type { Runner } from '../process/index.ts';
import type { Reporter } from '../report/index.ts';
import type { Fault, Sys } from '../sys/index.ts';
import type { EngineChoice } from './engine.ts';
import type { RegistryAccess } from './registries.ts';

export { ENGINES, type EngineChoice, type EngineName } from './engine.ts';
export type { RegistryAccess } from './registries.ts';

/** The configuration of a machine: YAML, as specs are. */
export const CONFIGURATION_FILE = '/etc/apt-layer/apt-layer.conf';

/** What code of an image may take. */
export interface ScriptLimits {
  /** How long it may say nothing and do nothing, in milliseconds; 0 without end. */
  readonly idleMs: number;
  /** Processes and threads at a time. */
  readonly processes: number;
  /** Of the memory: so many bytes, or a part of what is free. */
  readonly memory: { readonly bytes: number } | { readonly part: number };
}

/**
 * The machine the program runs on, as one value that is passed down. Nothing below `app/` reads the environment,
 * the clock or the command line on its own, so a test replaces any of them.
 */
export interface Host {
  readonly sys: Sys;
  readonly runner: Runner;
  /** What the user's environment has for programs that we start: terminal, editor, proxies. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly registries: RegistryAccess;
  readonly engine: EngineChoice;
  readonly clock: () => Date;
  /** `count` unpredictable bytes. */
  readonly random: (count: number) => Buffer;
  readonly report: Reporter;
  /** Aborts when the user or the service manager asks to stop. */
  readonly signal: AbortSignal;
  /** dpkg's name of the native architecture, such as `amd64`. */
  readonly architecture: string;
  /** As `uname -r` prints it. */
  readonly kernelRelease: string;
  /**
   * We run in a mount namespace of our own, where /sysroot can be written to; what everyone is to see is mounted in that of
   * the first process.
   */
  readonly privateMounts: boolean;
  /** What lives until the next boot, such as mount points: `/run/apt-layer`. */
  readonly runDirectory: string;
  /** What code of an image may take on this machine: read when it is asked for, so that a mistake in it stops nothing else. */
  readonly scriptLimits: () => Promise<ScriptLimits>;
  /** The built script that worker threads run. */
  readonly workerScript: URL;
  /** Shared with worker threads; undefined outside tests. */
  readonly fault: Fault | undefined;
}
