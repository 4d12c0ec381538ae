import { editSpec, publicOrigin, type SpecEdit } from '../compose/index.ts';
import {
  createDeployment,
  type Deployment,
  listDeployments,
  neededRefs,
  partRefs,
  readOrigin,
  selectDeployment,
  storePath,
} from '../deployment/index.ts';
import type { Tree } from '../formats/tree/index.ts';
import { copyConfig } from '../oci/index.ts';
import {
  openStore,
  type Ref,
  readImage,
  type Store,
  setRefs,
  type WritableStore,
  writableStore,
} from '../store/index.ts';
import { type Sysroot, statePaths, type Transaction } from '../transaction/index.ts';
import { configureMachine } from './configure.ts';
import { copyImages, type StoredImage } from './copy-image.ts';
import type { MachineSettings } from './machine.ts';

/** The deployment that is installed, in the sysroot it comes from. */
export interface Source {
  readonly sysroot: string;
  readonly deployment: Deployment;
  readonly store: Store;
  readonly tree: Tree;
  /** Refs by which the next change on the machine needs neither fetch nor import what is there: base, packages, files of the spec. */
  readonly parts: readonly Ref[];
  /** The image of the deployment and those of the parts. */
  readonly images: readonly StoredImage[];
  /** The spec, with the kernel arguments that are added; its other text as it is. */
  readonly specText: string;
  readonly lockText: string;
  /** Those of the spec alone: a deployment has those of its image, too. */
  readonly kernelArguments: readonly string[];
}

/** Finds what to install, by default the first deployment, and adds `append` to the kernel arguments of its spec. */
export function openSource(
  at: Sysroot,
  wanted: { readonly deployment: string | undefined; readonly append: readonly string[] },
): Source {
  const { host, sysroot } = at;
  const deployment = selectDeployment(at, wanted.deployment);
  const { specText, lockText } = readOrigin(at, deployment.id);
  const edited = editSpec(specText, `the spec of ${deployment.id}`, appending(wanted.append));
  const store = openStore(host, storePath(sysroot));
  const tree = readImage(store, deployment.image);
  // The next change is built on the last stage; the others are in it.
  const needing = { deployment: { ...deployment, stages: deployment.stages.slice(-1) }, lockText };
  const parts = neededRefs(at, { store, refs: partRefs(store) }, [needing]);
  const others = new Set(parts.map(({ image }) => image).filter(image => image !== deployment.image));
  return {
    ...{ sysroot, deployment, store, tree, parts, lockText },
    images: [
      { image: deployment.image, tree },
      ...[...others].map(image => ({ image, tree: readImage(store, image) })),
    ],
    specText: edited.text,
    kernelArguments: edited.spec.kernelArguments,
  };
}

function appending(words: readonly string[]): SpecEdit[] {
  if (words.length === 0) return [];
  const nothing = { delete: [], deleteIfPresent: [], replace: [], appendIfMissing: [] };
  return [{ kind: 'change-kernel-arguments', edit: { ...nothing, append: words } }];
}

export interface NewDeploymentOptions {
  readonly settings: MachineSettings;
  readonly fstab: string;
}

/** The deployment that was made, in its new sysroot. */
export interface InstalledDeployment {
  readonly deployment: Deployment;
  readonly store: WritableStore;
}

/**
 * Makes a deployment of the source's image in the sysroot of the transaction, with the source's spec and lock, and the
 * settings of the machine in its /etc.
 */
export async function makeDeployment(
  transaction: Transaction,
  source: Source,
  options: NewDeploymentOptions,
): Promise<InstalledDeployment> {
  const { host, sysroot } = transaction;
  const { deployment: from, tree } = source;
  const store = writableStore(transaction, source.store.algorithm);
  await copyImages(source.store, store, source.images);
  setRefs(store, source.parts);
  const { base } = from;
  if (base !== undefined) copyConfig({ host, sysroot: source.sysroot }, transaction, base.digest);
  const id = await createDeployment(host, store, transaction, {
    ...from,
    specText: source.specText,
    lockText: source.lockText,
    origin: publicOrigin(source),
    kernelArguments: source.kernelArguments,
  });
  const { deployments, names } = statePaths(sysroot);
  const system = { etc: `${deployments}/${id}/etc`, var: `${names}/${from.name}/var`, store, tree };
  await configureMachine(host, system, options);
  const deployment = listDeployments(transaction).find(one => one.id === id);
  if (deployment === undefined) throw new Error(`${id} was made but is not listed`);
  return { deployment, store };
}
