import type { EngineName } from '../host/index.ts';

/** How much is said on stderr: `quiet` warnings and errors only, `debug` everything. */
export type Verbosity = 'quiet' | 'normal' | 'verbose' | 'debug';

/** The options every verb takes. */
export interface GlobalOptions {
  /** As given; `App.sysroot` is the one in use. */
  readonly sysroot: string | undefined;
  readonly json: boolean;
  /** Where to write progress as JSON lines; 3 or higher. */
  readonly progressFd: number | undefined;
  readonly verbosity: Verbosity;
  readonly dryRun: boolean;
  readonly assumeYes: boolean;
  /** False when the user forbids colours; whether the terminal has any is another question. */
  readonly color: boolean;
  /** How long to wait for another transaction's lock: 0 not at all, Infinity until it is free. */
  readonly waitSeconds: number;
  /** Use nothing that is not on this machine. */
  readonly offline: boolean;
  /** Sources of packages to do without. */
  readonly disabledRepos: readonly string[];
  /** The file with names and passwords of registries; undefined looks in the usual ones. */
  readonly authFile: string | undefined;
  /** Whether certificates of registries are checked; undefined leaves it to registries.conf, which checks. */
  readonly tlsVerify: boolean | undefined;
  /** What builds images of Containerfiles; undefined leaves it to the configuration, and to what there is. */
  readonly engine: EngineName | undefined;
}

export const DEFAULT_GLOBALS: GlobalOptions = {
  sysroot: undefined,
  json: false,
  progressFd: undefined,
  verbosity: 'normal',
  dryRun: false,
  assumeYes: false,
  color: true,
  waitSeconds: 0,
  offline: false,
  disabledRepos: [],
  authFile: undefined,
  tlsVerify: undefined,
  engine: undefined,
};
