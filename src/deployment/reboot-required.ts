import { dirname } from 'node:path';
import { AptLayerError } from '../errors/index.ts';
import { writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import type { Transaction } from '../transaction/index.ts';
import { listDeployments } from './list.ts';
import { diffPackages } from './package-diff.ts';
import { recordedPackages } from './public/index.ts';

/**
 * Says in the way of Debian (update-notifier, needrestart, unattended-upgrades) that a restart brings something new, and which packages
 * another version or none: a name a line. Gone with the restart, as it is below /run.
 */
export function noteRebootRequired(transaction: Transaction, deployment: string): void {
  const { host } = transaction;
  const path = rebootRequired(host);
  writeFileDurable(host.sys, path, '*** System restart required ***\n');
  const names = changedPackages(transaction, deployment);
  if (names.length > 0) writeFileDurable(host.sys, `${path}.pkgs`, names.map(name => `${name}\n`).join(''));
  else removeIfThere(host, `${path}.pkgs`);
}

/** Takes it back: the next boot takes what runs. */
export function clearRebootRequired(host: Host): void {
  const path = rebootRequired(host);
  for (const one of [path, `${path}.pkgs`]) removeIfThere(host, one);
}

/** The names of packages that differ from those that run; none where one side cannot be read, as this is only a note. */
function changedPackages(transaction: Transaction, id: string): string[] {
  const deployments = listDeployments(transaction);
  const running = deployments.find(one => one.booted);
  const next = deployments.find(one => one.id === id);
  if (running === undefined || next === undefined) return [];
  try {
    const diff = diffPackages(recordedPackages(transaction, running), recordedPackages(transaction, next));
    const changed = [...diff.added, ...diff.removed, ...diff.upgraded, ...diff.downgraded];
    return [...new Set(changed.map(one => one.name))].sort();
  } catch (error) {
    if (!(error instanceof AptLayerError)) throw error;
    return [];
  }
}

function removeIfThere(host: Host, path: string): void {
  if (host.sys.lstatIfExists(path) !== undefined) host.sys.unlink(path);
}

function rebootRequired(host: Host): string {
  return `${dirname(host.runDirectory)}/reboot-required`;
}
