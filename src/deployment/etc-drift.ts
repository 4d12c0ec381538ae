import { fromText } from '../formats/bytes/index.ts';
import { lookupDirectory } from '../formats/tree/index.ts';
import { openStore, readImage } from '../store/index.ts';
import type { Sysroot } from '../transaction/index.ts';
import { contentsOf, type EtcChange, etcDrift, readLiveTree } from './etc-merge/index.ts';
import type { Deployment } from './model.ts';
import { etcPath, storePath } from './paths.ts';

/** What differs in the /etc of a deployment from that of its image. Reads all of it, which only root may. */
export function readEtcDrift({ host, sysroot }: Sysroot, deployment: Deployment): EtcChange[] {
  const store = openStore(host, storePath(sysroot));
  const base = lookupDirectory(readImage(store, deployment.image), fromText('/etc'));
  const { tree, outside } = readLiveTree(host.sys, fromText(etcPath(sysroot, deployment.id)));
  return etcDrift(base, tree, contentsOf(store, outside).digestOf);
}
