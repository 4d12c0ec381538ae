import { listDeployments } from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import type { Spec } from '../spec/index.ts';

/** The name of a spec's deployments; those of one name share /var. */
export function nameOf({ name }: Pick<Spec, 'name'>): string {
  return name ?? 'default';
}

/** The name of the deployment that the machine runs; undefined where none of the sysroot is booted. */
export function runningName(at: Sysroot): string | undefined {
  return listDeployments(at).find(one => one.booted)?.name;
}

/**
 * Refuses a spec of another name than that of the deployment which the machine runs: at the next boot all of /var would be gone. What the machine boots
 * next may have it, as that was accepted. SPEC_INVALID.
 */
export function assertRunningName(
  at: Sysroot,
  spec: Pick<Spec, 'name'>,
  { newName }: { readonly newName?: boolean },
): void {
  const [name, running] = [nameOf(spec), runningName(at)];
  if (running === undefined || name === running || newName === true) return;
  if (listDeployments(at)[0]?.name === name) return;
  throw new AptLayerError(
    'SPEC_INVALID',
    `the name of the spec is ${name}, and this machine runs ${running}: it would boot with another /var, which is empty`,
    {
      hint: `write \`name: ${running}\` into the spec, or say --new-name if the machine is to begin anew`,
      details: { name, running },
    },
  );
}
