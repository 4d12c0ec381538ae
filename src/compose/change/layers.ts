import { listDeployments } from '../../deployment/index.ts';
import type { Host } from '../../host/index.ts';
import type { Lock } from '../lock/index.ts';
import { editSpec, parseSpec, type Spec, type SpecEdit } from '../spec/index.ts';
import {
  type ChangeOptions,
  type ChangeResult,
  changeSystem,
  currentOrigin,
  resultOfSameImage,
} from './change.ts';

/**
 * Edits the spec of the first deployment and builds the result. An edit that changes nothing builds nothing: what is
 * layered already stays as it is.
 */
export async function editSystem(
  host: Host,
  sysroot: string,
  change: Omit<ChangeOptions, 'deploy'> & { readonly edits: readonly SpecEdit[] },
): Promise<ChangeResult> {
  const { edits, ...options } = change;
  const origin = currentOrigin(host, sysroot);
  const file = `${origin.id}/spec.yaml`;
  const edited = editSpec(origin.specText, file, edits);
  if (edited.changed)
    return changeSystem(host, sysroot, {
      text: edited.text,
      file,
      lock: withoutReset(origin, edited.spec),
      ...options,
      deploy: true,
    });
  const current = listDeployments(host, sysroot).find(({ id }) => id === origin.id);
  return resultOfSameImage(current?.image ?? null, origin.lock, {
    dryRun: options.dryRun,
    changed: false,
    deployment: null,
  });
}

/** The lock without packages whose override is gone: base and archive decide about them again. */
function withoutReset(origin: { specText: string; lock: Lock }, after: Spec): Lock {
  const before = parseSpec(origin.specText, 'the spec before').overrides;
  const kept = new Set(after.overrides.map(one => one.package));
  const reset = new Set(before.map(one => one.package).filter(name => !kept.has(name)));
  const packages = origin.lock.packages.filter(
    ({ name, architecture }) => !reset.has(name) && !reset.has(`${name}:${architecture}`),
  );
  return { ...origin.lock, packages };
}
