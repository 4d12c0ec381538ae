import { readBootloader } from '../boot/index.ts';
import type { Tree } from '../formats/tree/index.ts';
import { openStore, readImage, type Store } from '../store/index.ts';
import type { Sysroot } from '../transaction/index.ts';
import { kernelCommandLine } from './cmdline.ts';
import { imageArguments } from './image-arguments.ts';
import type { Deployment, DeploymentRecord } from './model.ts';
import { storePath } from './paths.ts';

/** One kernel argument of a deployment, and who brought it. */
export interface KernelArgument {
  readonly argument: string;
  /** `spec`, `machine`, `apt-layer`, or the file of the image. */
  readonly owner: string;
}

/** All of a deployment's kernel command line, in its order. Needs the store. */
export function kernelArgumentsOf(at: Sysroot, deployment: Deployment): KernelArgument[] {
  const store = openStore(at.host, storePath(at.sysroot));
  return withMachine(at, {
    deployment,
    own: ownArguments(store, readImage(store, deployment.image), deployment),
  });
}

/** The command line around a deployment's own arguments. */
export function withMachine(
  at: Sysroot,
  { deployment, own }: { readonly deployment: Deployment; readonly own: readonly KernelArgument[] },
): KernelArgument[] {
  const machine = readBootloader(at) ?? { arguments: [], verity: false };
  const rest = [...own];
  const kernelArguments = own.map(one => one.argument);
  return kernelCommandLine({ ...deployment, kernelArguments }, machine).map((argument, index) => {
    if (index < machine.arguments.length) return { argument, owner: 'machine' };
    if (rest[0]?.argument !== argument) return { argument, owner: 'apt-layer' };
    return rest.shift() ?? { argument, owner: 'spec' };
  });
}

/** What the image and the spec of a deployment add to the command line, in its order. */
export function ownArguments(
  store: Store,
  tree: Tree,
  record: Pick<DeploymentRecord, 'kernelArguments'>,
): KernelArgument[] {
  const brought = [...imageArguments(store, tree)];
  return record.kernelArguments.map(argument =>
    brought[0]?.argument === argument
      ? { argument, owner: brought.shift()?.file ?? 'spec' }
      : { argument, owner: 'spec' },
  );
}

/** Kernel arguments that one side has and the other has not; one that is there twice counts twice. */
export interface ArgumentsDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export function diffKernelArguments(before: readonly string[], after: readonly string[]): ArgumentsDiff {
  return { added: missingIn(before, after), removed: missingIn(after, before) };
}

function missingIn(list: readonly string[], others: readonly string[]): string[] {
  const left = [...list];
  return others.filter(one => {
    const index = left.indexOf(one);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
