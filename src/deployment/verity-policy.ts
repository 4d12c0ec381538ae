import { type Bootloader, readBootloader } from '../boot/index.ts';
import { AptLayerError } from '../errors/index.ts';
import type { Sysroot } from '../transaction/index.ts';
import { listDeployments } from './list.ts';
import type { DeploymentRecord, VerityPolicy } from './model.ts';

/** Refuses to make a deployment bootable against its own word. HOST_UNSUPPORTED, with what can be done. */
export function assertVerity(
  { id, verity }: Pick<DeploymentRecord, 'id' | 'verity'>,
  bootloader: Pick<Bootloader, 'verity'>,
): void {
  if (verity === 'require' && !bootloader.verity)
    throw withoutVerity(`${id} is to be booted with fs-verity only, and the store is not protected by it`);
}

/**
 * The same for a spec, before anything is built from it: whether a sysroot boots what is made there with the policy.
 * One that no boot loader boots takes any.
 */
export function assertVerityOf(at: Sysroot, verity: VerityPolicy): void {
  const { sysroot } = at;
  if (verity !== 'require' || readBootloader(at)?.verity !== false) return;
  throw withoutVerity(`the spec requires fs-verity, and the store of ${sysroot} is not protected by it`);
}

/** Refuses to begin to boot a sysroot without fs-verity in which a deployment requires it. */
export function assertNoneRequiresVerity(at: Sysroot): void {
  for (const one of listDeployments(at)) assertVerity(one, { verity: false });
}

function withoutVerity(message: string): AptLayerError {
  return new AptLayerError('HOST_UNSUPPORTED', message, {
    hint: 'where kernel and file system have fs-verity, `apt-layer bootloader require-verity` protects the store; or say `verity: prefer` under `security` in the spec',
    details: { feature: 'fs-verity' },
  });
}
