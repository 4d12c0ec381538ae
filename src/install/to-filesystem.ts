import { openLoader, withBootLock } from '../boot/index.ts';
import { assertVerity } from '../deployment/index.ts';
import { AptLayerError, withContext } from '../errors/index.ts';
import { removeTree, syncFileSystem } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { step } from '../report/index.ts';
import { hasVerity } from '../store/index.ts';
import { bootableEntry } from './bootable-entry.ts';
import { imageSize } from './copy-image.ts';
import { mountedFstab } from './fstab.ts';
import { writeGrubConfig } from './grub.ts';
import {
  type CheckedRequest,
  checkRequest,
  type Installed,
  type InstallRequest,
  installSystem,
} from './install-system.ts';
import { serialConsole } from './kernel-arguments.ts';
import { inspectMounted, type MountedTarget } from './mounted-target.ts';
import type { LoaderName } from './partition-plan.ts';
import { mebibytes } from './size.ts';
import { findBootProgram, writeBootProgram } from './systemd-boot.ts';
import { checkFilesystemTools } from './tools.ts';

export interface ToFilesystemRequest extends InstallRequest {
  /** Absolute; where the root file system is mounted. */
  readonly directory: string;
  readonly loader: LoaderName | 'none';
}

export interface ToFilesystemPlan {
  readonly checked: CheckedRequest;
  readonly target: MountedTarget;
  readonly loader: LoaderName | 'none';
  /** What the entries of the loader are on. */
  readonly boot: { readonly partuuid: string } | { readonly path: string };
}

/** Checks everything. Changes nothing. */
export async function planToFilesystem(host: Host, request: ToFilesystemRequest): Promise<ToFilesystemPlan> {
  const { directory, loader } = request;
  const checked = checkRequest(host, request);
  checkFilesystemTools(host, { password: checked.settings.password !== undefined });
  const { store, deployment, images } = checked.source;
  if (loader !== 'none') bootableEntry(store, deployment, { arguments: [], verity: false });
  const target = await inspectMounted(host, directory);
  if (loader !== 'none') assertVerity(deployment, { verity: hasVerity(host, directory, store.algorithm) });
  const needed = imageSize(store, images).blockBytes;
  const { availableBytes } = host.sys.space(directory);
  if (availableBytes < needed)
    throw new AptLayerError(
      'NO_SPACE',
      `${directory} has ${mebibytes(availableBytes)} available; the image takes ${mebibytes(needed)}`,
    );
  return { checked, target, loader, boot: loader === 'none' ? { path: '/boot' } : bootPlace(target, loader) };
}

function bootPlace(target: MountedTarget, loader: LoaderName): ToFilesystemPlan['boot'] {
  const { boot, directory } = target;
  if (loader === 'systemd-boot' && boot?.type !== 'vfat')
    throw new AptLayerError('FAILED', `no EFI system partition is mounted on ${directory}/boot`, {
      hint: `mount it there, or choose --bootloader grub or none`,
    });
  if (boot === undefined) return { path: '/boot' };
  if (boot.partuuid !== undefined) return { partuuid: boot.partuuid };
  throw new AptLayerError('FAILED', `what is mounted on ${directory}/boot is no partition`, {
    hint: 'mount a partition of a disk with a GPT there, or nothing',
  });
}

/** Makes a sysroot in a mounted file system. An error or a signal takes it away again. */
export function installToFilesystem(host: Host, plan: ToFilesystemPlan): Promise<Installed> {
  const { directory, uuid } = plan.target;
  const { loader, boot } = plan;
  return withContext(`installing to ${directory}`, async () => {
    try {
      const installed = await installSystem(host, plan.checked, {
        verb: 'install to-filesystem',
        path: directory,
        fstab: mountedFstab(plan.target),
        bootloader: loader === 'none' ? undefined : { loader, boot, arguments: [`root=UUID=${uuid}`] },
        writeBoot: ({ host: logged }, entry) =>
          step(logged.report, 'boot', `Installing ${loader}`, () => {
            const path = `${directory}/boot`;
            const { store, tree } = plan.checked.source;
            return withBootLock(logged, path, () => {
              if (loader === 'systemd-boot') writeBootProgram(host, path, findBootProgram(host, store, tree));
              else writeGrubConfig(host, path, serialConsole(entry.arguments));
              const bootPrefix = 'path' in boot ? boot.path : '';
              if (loader !== 'none')
                openLoader(host.sys, loader, path, { bootPrefix }).write([entry], undefined);
              syncFileSystem(host.sys, path);
            });
          }),
      });
      syncFileSystem(host.sys, directory);
      return installed;
    } catch (error) {
      // They were not there before.
      for (const name of ['state', 'composefs']) removeTree(host.sys, `${directory}/${name}`);
      throw error;
    }
  });
}
