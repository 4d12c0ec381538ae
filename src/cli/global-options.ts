import { resolve } from 'node:path';
import { DEFAULT_GLOBALS, type GlobalOptions, type Verbosity } from '../app/index.ts';
import { type OptionDefinition, parseInteger } from '../commands/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { ENGINES } from '../host/index.ts';

/** The options every verb takes, before or after it. The last four are verbs in disguise (see invocation.ts). */
export const GLOBAL_OPTIONS: readonly OptionDefinition[] = [
  {
    name: 'sysroot',
    value: 'DIR',
    description: 'where the store and the deployments are',
    complete: 'directory',
  },
  { name: 'json', description: 'print the result, or the error, as JSON' },
  { name: 'progress-fd', value: 'N', description: 'write progress as JSON lines to file descriptor N' },
  { name: 'verbose', short: 'v', description: 'say more about what is being done' },
  { name: 'debug', description: 'say everything' },
  { name: 'quiet', short: 'q', description: 'say only warnings and errors' },
  { name: 'dry-run', short: 'n', description: 'say what would change, and change nothing' },
  { name: 'yes', short: 'y', description: 'answer every question with yes' },
  { name: 'no-color', description: 'do not use colours' },
  {
    name: 'wait',
    value: 'SECONDS',
    description: 'wait for another transaction to end; without SECONDS as long as it takes',
  },
  { name: 'offline', description: 'use only what is on this machine' },
  {
    name: 'disable-repo',
    value: 'NAME',
    description: 'do without a source of packages: a repository, a file of sources, an address',
    repeatable: true,
  },
  {
    name: 'authfile',
    value: 'FILE',
    description: 'names and passwords of registries, as containers-auth.json(5) has them',
    complete: 'file',
  },
  {
    name: 'tls-verify',
    value: 'true|false',
    description: 'whether registries must have a certificate that is trusted (they must)',
    choices: ['true', 'false'],
  },
  {
    name: 'engine',
    value: 'NAME',
    description: 'what builds images of Containerfiles (the first that is installed)',
    choices: ENGINES,
  },
  { name: 'help', short: 'h', description: 'explain a verb' },
  { name: 'version', description: 'print the version' },
  { name: 'validate', description: 'check that this host can do the work' },
];

/** What `--wait` means without a number. */
const FOREVER = 'forever';

/** Makes the optional value of `--wait` explicit, so that `--wait status` does not take `status` for seconds. */
export function spellOutWait(argv: readonly string[]): string[] {
  return argv.map((word, index) =>
    word === '--wait' && !/^\d+$/.test(argv[index + 1] ?? '') ? `--wait=${FOREVER}` : word,
  );
}

type Values = Readonly<Record<string, readonly string[]>>;

/** Checks the values and gives them their types. */
export function globalOptions(values: Values): GlobalOptions {
  const last = (name: string) => values[name]?.at(-1);
  const sysroot = last('sysroot');
  if (sysroot === '') throw new AptLayerError('USAGE', '--sysroot: the directory has no name');
  const [authFile, tlsVerify] = [last('authfile'), last('tls-verify')];
  const progressFd = last('progress-fd');
  return {
    ...DEFAULT_GLOBALS,
    sysroot: sysroot === undefined ? undefined : resolve(sysroot),
    json: 'json' in values,
    progressFd:
      progressFd === undefined
        ? undefined
        : parseInteger('--progress-fd', progressFd, { min: 3, max: 65535 }),
    verbosity: verbosity(values),
    dryRun: 'dry-run' in values,
    assumeYes: 'yes' in values,
    color: !('no-color' in values),
    waitSeconds: waitSeconds(last('wait')),
    offline: 'offline' in values,
    disabledRepos: values['disable-repo'] ?? [],
    authFile: authFile === undefined ? undefined : resolve(authFile),
    engine: ENGINES.find(name => name === last('engine')),
    tlsVerify: tlsVerify === undefined ? undefined : tlsVerify === 'true',
  };
}

function verbosity(values: Values): Verbosity {
  const chosen = (['quiet', 'verbose', 'debug'] as const).filter(name => name in values);
  if (chosen.includes('quiet') && chosen.length > 1)
    throw new AptLayerError('USAGE', `--quiet and --${chosen[1]} contradict each other`);
  return chosen.at(-1) ?? 'normal';
}

function waitSeconds(text: string | undefined): number {
  if (text === undefined) return 0;
  return text === FOREVER
    ? Number.POSITIVE_INFINITY
    : parseInteger('--wait', text, { min: 0, max: 31_536_000 });
}
