import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

/** podman and buildah with storage and settings of their own, by the environment that they and skopeo read. */
export function engineEnvironment(directory: string, name: string): Record<string, string> {
  const own = `${directory}/${name}`;
  const file = (path: string, lines: readonly string[]) => {
    fs.writeFileSync(`${own}/${path}`, `${lines.join('\n')}\n`);
    return `${own}/${path}`;
  };
  fs.mkdirSync(`${own}/home`, { recursive: true });
  return {
    HOME: `${own}/home`,
    CONTAINERS_STORAGE_CONF: file('storage.conf', [
      '[storage]',
      'driver = "overlay"',
      `graphroot = "${own}/graph"`,
      `runroot = "${own}/run"`,
    ]),
    // A machine without systemd, and with the limits of a container.
    CONTAINERS_CONF: file('containers.conf', [
      '[engine]',
      'cgroup_manager = "cgroupfs"',
      'runtime = "crun"',
      'events_logger = "none"',
      '[containers]',
      'cgroups = "disabled"',
      'default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]',
    ]),
    // Steps in a container of their own need cgroups that a container of CI does not have.
    BUILDAH_ISOLATION: 'chroot',
  };
}

/** Why an engine cannot be tried; undefined where it can. */
export function engineIsMissing(name: 'podman' | 'buildah'): string | undefined {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return `${name} is not installed; scripts/setup.sh test brings it`;
  }
}
