import { isDirectory } from '../fs/index.ts';
import { type Finding, type FsckResult, findRef, fsck, openStore } from '../store/index.ts';
import type { Sysroot } from '../transaction/index.ts';
import { readDeployments } from './list.ts';
import { readOrigin } from './origin.ts';
import { deploymentRef, etcPath, storePath } from './paths.ts';

/**
 * Compares all of a sysroot with what its names and records say: the store byte for byte, and the state of each deployment. Changes nothing
 * and takes no lock: what a change beside it makes or takes away meanwhile is looked at once more, and is no finding.
 */
export async function checkSysroot(at: Sysroot): Promise<FsckResult> {
  const store = openStore(at.host, storePath(at.sysroot));
  const result = await fsck(store);
  const suspicious = result.findings.length > 0 ? await stillThere(at, result.findings) : [];
  return { ...result, findings: [...suspicious, ...stateFindings(at)] };
}

/** Those that a second look finds as well. */
async function stillThere(at: Sysroot, findings: readonly Finding[]): Promise<Finding[]> {
  const again = await fsck(openStore(at.host, storePath(at.sysroot)));
  const keys = new Set(again.findings.map(keyOf));
  return findings.filter(one => keys.has(keyOf(one)));
}

function keyOf({ kind, name }: Finding): string {
  return `${kind} ${name}`;
}

function stateFindings(at: Sysroot): Finding[] {
  const { host, sysroot } = at;
  const store = openStore(host, storePath(sysroot));
  const { deployments, damaged } = readDeployments(at);
  const finding = (name: string, text: string): Finding => ({ kind: 'state', name, text, usedBy: [] });
  const findings = damaged.map(({ id, reason }) => finding(id, `${id}: ${reason}`));
  for (const { id, image, staged } of deployments) {
    const say = (text: string) => findings.push(finding(id, `${id}: ${text}`));
    if (!staged && !isDirectory(host.sys, etcPath(sysroot, id))) say('it has no /etc');
    const named = findRef(store, deploymentRef(id));
    if (named === undefined) say('no ref keeps its image; `apt-layer cleanup` makes it again');
    else if (named !== image) say(`its ref names the image ${named} instead of ${image}`);
    try {
      readOrigin(at, id);
    } catch (error) {
      say((error as Error).message);
    }
  }
  return findings;
}
