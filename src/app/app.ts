import { randomBytes } from 'node:crypto';
import { homedir, release } from 'node:os';
import { AptLayerError } from '../errors/index.ts';
import type { Host, RegistryAccess } from '../host/index.ts';
import { createRunner, pasteable } from '../process/index.ts';
import type { Reporter } from '../report/index.ts';
import { createSys, type Fault, parseFault, type Sys } from '../sys/index.ts';
import { debianArchitecture } from './architecture.ts';
import { type Environment, readEnvironment } from './environment.ts';
import type { GlobalOptions } from './globals.ts';
import { defaultSysroot, sysrootAt } from './sysroot.ts';
import { workerScript } from './worker-script.ts';

/** What a verb works with. Built once per run; tests build their own with a temporary sysroot. */
export interface App {
  readonly host: Host;
  /** Absolute path; need not exist yet. */
  readonly sysroot: string;
  readonly globals: GlobalOptions;
  /** What was typed after `apt-layer`, quoted for a shell; for logs and the records of deployments. */
  readonly commandLine: string;
  /**
   * Asks the user a yes-or-no question. True with `--yes`; undefined when there is nobody to ask.
   */
  readonly confirm: (question: string) => Promise<boolean | undefined>;
}

export interface AppOptions {
  readonly globals: GlobalOptions;
  /** The words after `apt-layer`. */
  readonly argv: readonly string[];
  readonly report: Reporter;
  readonly signal: AbortSignal;
  /** Puts a question to a person; absent when there is none. Not called with `--yes`. */
  readonly ask?: ((question: string) => Promise<boolean>) | undefined;
  /** Default: of this process. */
  readonly environment?: Environment;
}

/** Of this program, and of bootc (bootc.dev, registries and offline). */
const MACHINE_AUTH_FILES = ['/etc/apt-layer/auth.json', '/etc/ostree/auth.json'];

/** The composition root: everything that a verb needs from the machine is made here. Loads nothing heavy. */
export function createApp(options: AppOptions): App {
  const { globals, signal } = options;
  const environment = options.environment ?? readEnvironment();
  const fault = faultOf(environment);
  const sys: Sys = createSys(fault);
  const host: Host = {
    sys,
    runner: createRunner({ signal, environment: environment.passedOn }),
    environment: environment.passedOn,
    registries: {
      authFile: globals.authFile,
      machineAuthFiles: MACHINE_AUTH_FILES,
      ...trustFiles(environment.ofRegistries['HOME'] ?? homedir()),
      tlsVerify: globals.tlsVerify,
      environment: environment.ofRegistries,
    },
    engine: {
      asked: globals.engine,
      configured: async () => (await import('../configuration/index.ts')).readEngine({ sys }),
    },
    clock: () => new Date(),
    random: count => randomBytes(count),
    report: options.report,
    signal,
    architecture: debianArchitecture(process.arch),
    kernelRelease: release(),
    privateMounts: environment.privateMounts,
    runDirectory: environment.runDirectory,
    scriptLimits: async () => (await import('../configuration/index.ts')).readScriptLimits({ sys }),
    workerScript: workerScript(),
    fault,
  };
  return {
    host,
    sysroot: sysrootAt(globals.sysroot ?? environment.sysroot ?? defaultSysroot(sys)),
    globals,
    commandLine: recorded(options.argv),
    confirm: question => confirm(question, options),
  };
}

/** As skopeo and podman look for them: what the user has takes the place of what the machine has. */
function trustFiles(home: string): Pick<RegistryAccess, 'policyFiles' | 'signatureDirectories'> {
  const places = [`${home}/.config/containers`, '/etc/containers'];
  return {
    policyFiles: places.map(place => `${place}/policy.json`),
    signatureDirectories: places.map(place => `${place}/registries.d`),
  };
}

/** The command line for records. Values of `--build-arg` are in none of them, not even in those that only root may read. */
function recorded(argv: readonly string[]): string {
  const [tool = '', ...args] = argv.map((word, index) =>
    argv[index - 1] === '--build-arg'
      ? word.replace(/=.*$/s, '=***')
      : word.replace(/^(--build-arg=[^=]*)=.*$/s, '$1=***'),
  );
  return pasteable({ tool, args });
}

async function confirm(question: string, { globals, ask }: AppOptions): Promise<boolean | undefined> {
  return globals.assumeYes ? true : await ask?.(question);
}

function faultOf(environment: Environment): Fault | undefined {
  const { fault } = environment;
  if (fault === undefined || fault === '') return undefined;
  const parsed = parseFault(fault);
  if (parsed === undefined)
    throw new AptLayerError('USAGE', `APT_LAYER_FAULT: ${JSON.stringify(fault)} is no fault`, {
      hint: 'unset it: it is for tests, which give die:N, eio:N or enospc:N',
    });
  return parsed;
}
