import { resolve } from 'node:path';
import { type Installed, installToFilesystem, planToFilesystem } from '../install/index.ts';
import type { CommandImplementation } from './definition.ts';
import { installRequest } from './install-options.ts';

interface Result {
  readonly target: string;
  readonly source: string;
  readonly bootloader: string;
  /** Null with --dry-run. */
  readonly installed: Installed | null;
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const plan = await planToFilesystem(app.host, {
      ...installRequest(app, args),
      directory: resolve(args.argument('DIRECTORY')),
      loader: args.choice('bootloader', ['systemd-boot', 'grub', 'none']),
    });
    const { target, loader, checked } = plan;
    return {
      target: target.directory,
      source: checked.source.deployment.id,
      bootloader: loader,
      installed: app.globals.dryRun ? null : await installToFilesystem(app.host, plan),
    };
  },
  render: ({ target, source, bootloader, installed }) => {
    if (installed === null) return `${source} would be installed in ${target} (${bootloader})\n`;
    const next =
      bootloader === 'grub'
        ? `GRUB itself is still to be installed: grub-install --boot-directory=${target}/boot DISK\n`
        : '';
    return `${installed.deployment} is installed in ${target} (${bootloader})\n${next}`;
  },
};
