import fs from 'node:fs';

const RUNTIME = '/run/apt-layer';

/** Lines of /proc/mounts that have to do with `path`: mounted there or below, made from it, or stacked on it. Other runs may mount meanwhile. */
export function mountsOf(path: string): string[] {
  return fs
    .readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .filter(line => line.includes(path) || isAbandoned(line.split(' ')[1] ?? ''));
}

/** Entries of the program's directory in /run, such as `look-PID-RANDOM`, whose process has ended. */
export function abandonedIn(kind: string): string[] {
  const names = fs.existsSync(RUNTIME) ? fs.readdirSync(RUNTIME) : [];
  return names.filter(name => name.startsWith(`${kind}-`) && isAbandoned(`${RUNTIME}/${name}`));
}

function isAbandoned(point: string): boolean {
  const pid = /^\/run\/apt-layer\/[a-z]+-(\d+)-/.exec(point)?.[1];
  return pid !== undefined && !fs.existsSync(`/proc/${pid}`);
}
