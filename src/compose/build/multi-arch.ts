import { AptLayerError } from '../../errors/index.ts';
import { type BuildContext, packageFacts, type SourcedImage } from '../../layer/index.ts';
import type { MultiArchRole, Spec } from '../spec/index.ts';

/** What each value of the Multi-Arch field means for its package. */
const MEANING: Readonly<Record<string, string>> = {
  no: 'it can be there for one architecture at a time, and serves only packages of that one',
  same: 'it can be there for several architectures at once, in one version',
  foreign: 'one of any architecture serves packages of all',
  allowed: 'it serves packages of its own architecture, and those of others that depend on it with :any',
};

/**
 * Checks that the packages of `multi-arch` can play the parts that the spec gives them: SPEC_INVALID explains what the
 * Multi-Arch field of one does not allow. A package that no archive has is left to apt.
 */
export async function checkMultiArch(
  context: BuildContext,
  prepared: SourcedImage,
  options: { readonly spec: Spec; readonly isInBase: (name: string) => boolean },
): Promise<void> {
  const { spec, isInBase } = options;
  const native = context.host.architecture;
  if (!spec.multiArch.enabled) return;
  const wanted = spec.multiArch.packages.flatMap(({ package: name, architecture, role }) =>
    (architecture === undefined ? spec.multiArch.architectures : [architecture]).map(one => ({
      name,
      architecture: one,
      role,
    })),
  );
  const facts = await packageFacts(
    context,
    prepared,
    wanted.map(({ name, architecture }) => `${name}:${architecture}`),
  );
  for (const one of wanted) {
    if (one.role === 'foreign' && one.architecture === native)
      throw contradiction(one, `${native} is the architecture of the system itself`, 'use `same`');
    const found = facts.find(
      ({ name, architecture }) => name === one.name && [one.architecture, 'all'].includes(architecture),
    );
    if (found === undefined) continue;
    const reason = whyNot(one.role, found.multiArch);
    const field = `its field is \`Multi-Arch: ${found.multiArch}\`: ${MEANING[found.multiArch] ?? 'unknown'}`;
    if (reason !== undefined) throw contradiction(one, field, reason);
    const isBeside =
      one.architecture !== native &&
      found.architecture !== 'all' &&
      found.multiArch !== 'same' &&
      isInBase(`${one.name}:${native}`);
    if (isBeside)
      throw contradiction(
        one,
        `${one.name}:${native} is there already, and ${field}`,
        'take one of both out',
      );
  }
}

/** What to use instead of a part that a field does not allow. */
function whyNot(role: MultiArchRole, field: string): string | undefined {
  if (role === 'same' && field !== 'same')
    return field === 'foreign'
      ? 'the one that is there serves all: leave it out, or use `foreign` for one of another architecture'
      : 'use `foreign` if only the other architecture is to be there';
  if (role === 'allowed' && field !== 'allowed') return 'use `same` or `foreign`';
  return undefined;
}

function contradiction(
  one: { name: string; architecture: string; role: MultiArchRole },
  why: string,
  hint: string,
): AptLayerError {
  const { name, architecture, role } = one;
  return new AptLayerError('SPEC_INVALID', `${name} of ${architecture} cannot be \`${role}\`: ${why}`, {
    hint,
    details: { package: name, architecture, role },
  });
}
