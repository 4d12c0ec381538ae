export { type HostMount, mountOnHost, unmountFromHost } from './host-mount.ts';
export { kernelVersion, lowerDirectories, type MountableImage, OVERLAY_OPTIONS } from './overlay.ts';
export { type Bind, interactInSandbox, runInSandbox, type SandboxOptions } from './sandbox.ts';
export { openScratch, type Scratch, type ScratchOptions, withScratch } from './scratch.ts';
