import { isDenied, readOrigin, readPublic } from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { parseSpec, type Spec } from '../spec/index.ts';

/** What of a spec is public in full, so that it can be read again. */
const READABLE = ['base-image', 'layers', 'overrides', 'multi-arch', 'holds', 'remove', 'security'] as const;

/** The parts of a spec that say what is wanted of packages, and what is known of them. */
export type PackageSpec = Pick<Spec, 'layers' | 'overrides' | 'multiArch' | 'holds' | 'remove' | 'security'>;

/** What the spec of a deployment says of packages: from the spec itself, or from the public record for who may not read it. */
export function packageSpecOf(at: Sysroot, id: string): PackageSpec {
  try {
    return parseSpec(readOrigin(at, id).specText, `${id}/spec.yaml`);
  } catch (error) {
    if (!isDenied(error)) throw error;
  }
  const { spec } = readPublic(at, id);
  if (spec === undefined)
    throw new AptLayerError(
      'CONFIG_INVALID',
      `the spec of ${id} could not be read when its record was made`,
      {
        hint: 'run it as root to see why',
      },
    );
  const readable = Object.fromEntries(READABLE.flatMap(key => (key in spec ? [[key, spec[key]]] : [])));
  return parseSpec(JSON.stringify(readable), `${id}/public.json`);
}
