export { whereLimited } from './control-group.ts';
export { type HostMount, mountOnHost, runOnHost, unmountFromHost } from './host-mount.ts';
export { limitHint, type ReachedLimit, reachedLimit } from './limits.ts';
export type { MountableImage } from './overlay.ts';
export {
  assertPrivateNetwork,
  hasPrivateNetwork,
  openPrivateNetwork,
  type PrivateNetwork,
} from './private-network.ts';
export { type Bind, interactInSandbox, runInSandbox, type SandboxOptions } from './sandbox.ts';
export { writeForSandbox } from './sandbox-file.ts';
export { openScratch, type Scratch, type ScratchOptions, withScratch } from './scratch.ts';
export { environmentInside, proxiesInside } from './users-environment.ts';
