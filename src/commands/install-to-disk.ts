import { resolve } from 'node:path';
import {
  type Installed,
  installToDisk,
  mebibytes,
  type Partition,
  parseSize,
  planToDisk,
  type ToDiskPlan,
} from '../install/index.ts';
import type { CommandImplementation } from './definition.ts';
import { installRequest } from './install-options.ts';

interface Result {
  readonly target: string;
  readonly sizeBytes: number;
  readonly source: string;
  readonly bootloader: string;
  readonly filesystem: string;
  readonly partitions: readonly Partition[];
  /** Null with --dry-run. */
  readonly installed: Installed | null;
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const size = args.option('size');
    const plan = await planToDisk(app.host, {
      ...installRequest(app, args),
      target: resolve(args.argument('DEVICE|FILE')),
      sizeBytes: size === undefined ? undefined : parseSize('--size', size),
      wipe: args.flag('wipe'),
      loader: args.choice('bootloader', ['systemd-boot', 'grub']),
      filesystem: args.choice('filesystem', ['ext4', 'btrfs', 'xfs']),
    });
    const installed = app.globals.dryRun ? null : await installToDisk(app.host, plan);
    return { ...facts(plan), installed };
  },
  render: ({ installed, ...plan }) => {
    const table = plan.partitions
      .map(({ role, sizeBytes }, index) => `  ${index + 1}  ${role.padEnd(4)}  ${mebibytes(sizeBytes)}\n`)
      .join('');
    return installed === null
      ? `${plan.source} would be installed to ${plan.target} (${plan.bootloader}):\n${table}`
      : `${installed.deployment} is installed on ${plan.target} (${plan.bootloader}):\n${table}`;
  },
};

function facts(plan: ToDiskPlan): Omit<Result, 'installed'> {
  const { checked, target, disk, loader, filesystem } = plan;
  return {
    target: target.path,
    sizeBytes: target.sizeBytes,
    source: checked.source.deployment.id,
    bootloader: loader,
    filesystem,
    partitions: disk.partitions,
  };
}
