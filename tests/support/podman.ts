import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { must } from './command.ts';
import { temporaryDirectory } from './temporary.ts';

/** Who runs podman: root, or a user with a range of subordinate ids, whose containers are in a user namespace. */
export type PodmanUser = 'root' | 'rootless';

/** podman with storage of its own. */
export interface Podman extends AsyncDisposable {
  /** Where it runs: podman names images of layouts by the path, which may have no capitals then, so it is to be relative. */
  readonly directory: string;
  (...args: string[]): Promise<string>;
  /** Runs a script in a new container of an image, without a network, and returns what it prints. */
  sh(image: string, script: string): Promise<string>;
}

/** Why there is no podman to run; undefined where there is. */
export function podmanIsMissing(): string | undefined {
  try {
    execFileSync('podman', ['--version'], { stdio: 'ignore' });
    execFileSync('crun', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'podman or crun is not installed; scripts/setup.sh test brings them';
  }
}

/** Containers need a cgroup2 to look at, which not every machine has there; and a user needs ids, which are given in this mount namespace alone. */
const SCRIPT = `set -e
grep -q ' /sys/fs/cgroup cgroup2 ' /proc/mounts || { mkdir -p /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; }
ids=$1; shift
[ -z "$ids" ] || for table in subuid subgid; do touch /etc/$table; mount --bind "$ids" /etc/$table; done
exec "$@"`;
const USER = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
/** What a container may ask for is what a process of a test has. */
const LIMITS = ['--cgroups=disabled', '--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1000:1000'];

/** See `Podman`. Its storage goes when it is disposed of. */
export function podmanFor(user: PodmanUser): Podman {
  // podman takes no long path for what it runs.
  const own = temporaryDirectory('pod');
  const [home, run, ids] = [own.join('home'), own.join('run'), own.join('ids')];
  fs.chmodSync(own.path, 0o755);
  for (const one of [home, run]) fs.mkdirSync(one, { mode: 0o700 });
  fs.writeFileSync(ids, 'nobody:200000:65536\n');
  if (user === 'rootless') for (const one of [home, run]) fs.chownSync(one, 65534, 65534);
  const podman = [
    ...['podman', '--root', `${home}/s`, '--runroot', `${run}/s`, '--storage-driver', 'overlay'],
    ...['--runtime', 'crun', '--cgroup-manager', 'cgroupfs'],
  ];
  const words = user === 'rootless' ? [ids, ...USER, ...podman] : ['', ...podman];
  const call = (...args: string[]) =>
    must('unshare', ['--mount', 'sh', '-c', SCRIPT, 'sh', ...words, ...args], {
      cwd: own.path,
      env: { HOME: home, XDG_RUNTIME_DIR: run },
      timeoutMs: 300_000,
    }).then(text => text.trim());
  return Object.assign(call, {
    directory: own.path,
    sh: (image: string, script: string) =>
      call('run', '--rm', '--network', 'none', ...LIMITS, image, 'sh', '-c', script),
    async [Symbol.asyncDispose]() {
      endPause(`${run}/libpod/tmp/pause.pid`);
      await own[Symbol.asyncDispose]();
    },
  });
}

/** podman leaves a process behind that keeps the user namespace. */
function endPause(file: string): void {
  if (!fs.existsSync(file)) return;
  const pid = Number(fs.readFileSync(file, 'utf8'));
  const environment = fs.readFileSync(`/proc/${pid}/environ`, 'utf8');
  if (environment.includes(path.dirname(path.dirname(path.dirname(file))))) process.kill(pid, 'SIGKILL');
}
