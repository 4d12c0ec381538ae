import fs from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { must } from '../../support/command.ts';
import { CHECKOUT } from '../../support/places.ts';
import { aptLayerMust } from '../../support/program.ts';
import type { TemporaryDirectory } from '../../support/temporary.ts';
import { AGENT_FILES, AGENT_UNIT } from './agent.ts';

export interface InstalledOptions {
  /** Packages besides those that boot it. */
  readonly layers?: readonly string[];
  readonly kernel?: string;
  /** The archive that its base is made from; default that of this machine. */
  readonly mirror?: string;
  /** Of `install to-disk`. */
  readonly install: readonly string[];
}

/** Builds a small Debian with the package of this checkout and the agent, and installs it on a disk; returns the disk, raw. */
export async function installedDisk(work: TemporaryDirectory, options: InstalledOptions): Promise<string> {
  const script = path.join(CHECKOUT, 'scripts/deb.sh');
  const deb = (await must('bash', [script, '--output', work.join('deb')])).trim();
  const spec = work.join('installed.yaml');
  fs.writeFileSync(spec, stringify(specOf(deb, options)));
  const sysroot = work.join('installed');
  await aptLayerMust(sysroot, ['compose', 'tree', spec]);
  const disk = work.join('installed.img');
  await aptLayerMust(sysroot, [
    ...['install', 'to-disk', disk, '--size', '5G', '--karg', 'console=ttyS0', '--hostname', 'vm'],
    ...options.install,
  ]);
  fs.rmSync(sysroot, { recursive: true });
  return disk;
}

function specOf(
  deb: string,
  { kernel = 'linux-image-cloud-amd64', layers = [], mirror }: InstalledOptions,
): object {
  return {
    name: 'vm',
    'base-image': 'apt://trixie',
    ...(mirror === undefined ? {} : { bootstrap: { mirror } }),
    layers: [
      ...[kernel, 'systemd-sysv', 'dbus', 'udev', 'kmod', 'zstd', 'iproute2', 'e2fsprogs', deb],
      ...layers,
    ],
    initramfs: { compression: 'zstd' },
    files: AGENT_FILES,
    services: {
      enable: [AGENT_UNIT],
      // Twenty seconds of emulation.
      mask: ['apparmor.service'],
      disable: ['apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'fstrim.timer'],
    },
  };
}
