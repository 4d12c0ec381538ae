import fs from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { must } from '../../support/command.ts';
import { CHECKOUT } from '../../support/places.ts';
import type { TemporaryDirectory } from '../../support/temporary.ts';

export interface MachineSpecOptions {
  /** Packages besides those that boot it. */
  readonly layers?: readonly string[];
  readonly kernel?: string;
  /** The archive that its base is made from; default that of this machine. */
  readonly mirror?: string;
  /** The image that it is made on; default the archive. */
  readonly base?: string;
  /** `false` leaves out what packages only recommend. */
  readonly recommends?: boolean;
}

/** Builds the package of this checkout. */
export async function checkoutPackage(work: TemporaryDirectory): Promise<string> {
  return (await must('bash', [path.join(CHECKOUT, 'scripts/deb.sh'), '--output', work.join('deb')])).trim();
}

/** Writes the spec of a small Debian that boots, with the package of this checkout. */
export async function machineSpec(
  work: TemporaryDirectory,
  options: MachineSpecOptions = {},
): Promise<string> {
  const { kernel = 'linux-image-cloud-amd64', layers = [], mirror, recommends = true } = options;
  const { base = 'apt://trixie' } = options;
  const deb = await checkoutPackage(work);
  const file = work.join('vm.yaml');
  const spec = {
    name: 'vm',
    'base-image': base,
    ...(mirror === undefined || !base.startsWith('apt:') ? {} : { bootstrap: { mirror } }),
    layers: [
      ...[kernel, 'systemd-sysv', 'dbus', 'udev', 'kmod', 'zstd', 'iproute2', 'e2fsprogs', deb],
      ...layers,
    ],
    recommends,
    initramfs: { compression: 'zstd' },
    services: {
      // Twenty seconds of emulation.
      mask: ['apparmor.service'],
      disable: ['apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'fstrim.timer'],
    },
  };
  fs.writeFileSync(file, stringify(spec));
  return file;
}
