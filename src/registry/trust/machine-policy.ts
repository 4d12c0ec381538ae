import { type Policy, parsePolicy } from '../../formats/containers-policy/index.ts';
import { readFileIfExists } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';

const POLICY_MAX_BYTES = 4 * 1024 * 1024;

export interface MachinePolicy {
  readonly file: string;
  readonly policy: Policy;
}

/** The policy that skopeo and podman take: the first of the usual files that is there. Undefined where there is none. */
export function readMachinePolicy({ sys, registries }: Host): MachinePolicy | undefined {
  for (const file of registries.policyFiles) {
    const bytes = readFileIfExists(sys, file, POLICY_MAX_BYTES);
    if (bytes !== undefined) return { file, policy: parsePolicy(bytes.toString('utf8'), file) };
  }
  return undefined;
}
