import { readBootloader } from '../boot/index.ts';
import { openStore, readImage } from '../store/index.ts';
import type { Sysroot } from '../transaction/index.ts';
import { kernelCommandLine } from './cmdline.ts';
import { imageArguments } from './image-arguments.ts';
import type { Deployment } from './model.ts';
import { storePath } from './paths.ts';

/** One kernel argument of a deployment, and who brought it. */
export interface KernelArgument {
  readonly argument: string;
  /** `spec`, `machine`, `apt-layer`, or the file of the image. */
  readonly owner: string;
}

/** All of a deployment's kernel command line, in its order. */
export function kernelArgumentsOf(at: Sysroot, deployment: Deployment): KernelArgument[] {
  const { host, sysroot } = at;
  const store = openStore(host, storePath(sysroot));
  const machine = readBootloader(at) ?? { arguments: [], verity: false };
  const brought = [...imageArguments(store, readImage(store, deployment.image))];
  const own = [...deployment.kernelArguments];
  return kernelCommandLine(deployment, machine).map((argument, index) => {
    if (index < machine.arguments.length) return { argument, owner: 'machine' };
    if (own[0] !== argument) return { argument, owner: 'apt-layer' };
    own.shift();
    if (brought[0]?.argument !== argument) return { argument, owner: 'spec' };
    return { argument, owner: brought.shift()?.file ?? 'spec' };
  });
}
