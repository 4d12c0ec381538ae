import { readBooted } from '../boot/index.ts';
import { toText } from '../formats/bytes/index.ts';
import { listDirectory } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { ANY_EXIT_CODE } from '../process/index.ts';
import type { Sysroot } from '../transaction/index.ts';
import { readLoader } from './loader.ts';

/** Executables that say whether the machine is well, in the order of their names. */
const HEALTH_DIRECTORY = '/etc/apt-layer/health.d';

/** A check takes longer than this when it hangs. */
const TIMEOUT_MS = 5 * 60 * 1000;

export interface HealthCheck {
  readonly name: string;
  readonly passed: boolean;
  /** What it said, when it failed. */
  readonly message: string;
}

/** Runs every check, also after one has failed. Each must end with 0. */
export async function runHealthChecks(host: Host, directory = HEALTH_DIRECTORY): Promise<HealthCheck[]> {
  const names = listDirectory(host.sys, directory).map(toText).sort();
  const checks: HealthCheck[] = [];
  for (const name of names) {
    const path = `${directory}/${name}`;
    const stat = host.sys.lstat(path);
    // As run-parts(8): plain names of executable files; README and left-overs of dpkg are none.
    if (!/^[\w-]+(\.sh)?$/.test(name) || (stat.mode & 0o111) === 0) continue;
    checks.push(await runCheck(host, name, path));
  }
  return checks;
}

async function runCheck(host: Host, name: string, path: string): Promise<HealthCheck> {
  const ended = await host.runner
    .run({ tool: path, args: [] }, { okCodes: ANY_EXIT_CODE, timeoutMs: TIMEOUT_MS })
    .catch((error: unknown) => ({
      exitCode: -1,
      stdout: Buffer.alloc(0),
      stderrTail: (error as Error).message,
    }));
  const said = `${ended.stdout.toString('utf8')}${ended.stderrTail}`.trim();
  return { name, passed: ended.exitCode === 0, message: ended.exitCode === 0 ? '' : said };
}

/** Whether this boot is one of the attempts that a new deployment has. */
export async function isTrial(at: Sysroot): Promise<boolean> {
  const booted = readBooted(at);
  const loader = booted === undefined ? undefined : await readLoader(at);
  return (
    loader?.state.entries.some(one => one.id === booted?.deployment && one.triesLeft !== undefined) === true
  );
}
