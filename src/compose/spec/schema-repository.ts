import * as z from 'zod';
import type { Repository, RepositoryType } from './model.ts';
import { checkArchitecture, checkComponent, checkRepositoryName, checkRepositorySuite } from './names.ts';
import { checkedText, filledListOf, listOf, refuse } from './schema-text.ts';
import { checkSigningKey } from './signing-key.ts';
import { checkArchiveUri } from './urls.ts';

const itself = (value: string): string => value;
const TYPES: readonly RepositoryType[] = ['deb', 'deb-src'];

/** Fields of deb822 that would switch verification off; never accepted. */
export const UNVERIFIED_FIELDS: readonly string[] = [
  'trusted',
  'allow-insecure',
  'allow-weak',
  'allow-downgrade-to-insecure',
];

/** The keys of an entry of `repositories`: fields of deb822 (sources.list(5)) in lower case. */
export const repositoryShape = {
  name: checkedText(checkRepositoryName, 'Names the file under sources.list.d'),
  types: filledListOf(z.enum(TYPES), itself).optional().meta({ description: 'deb by default' }),
  uris: filledListOf(checkedText(checkArchiveUri, 'Address of an archive'), itself),
  suites: filledListOf(checkedText(checkRepositorySuite, 'A suite, or a path that ends with /'), itself),
  components: listOf(checkedText(checkComponent, 'A component'), itself)
    .optional()
    .meta({ description: 'Such as main; none when the suites are paths' }),
  architectures: filledListOf(checkedText(checkArchitecture, 'An architecture'), itself).optional(),
  'check-valid-until': z
    .boolean()
    .optional()
    .meta({ description: 'false: its lists count when they have expired, too; true by default' }),
  'signed-by': checkedText(checkSigningKey, 'An armored OpenPGP public key, or the path of a file with keys'),
};

/** One entry of `repositories`. */
export function repositorySchema() {
  return z.strictObject(repositoryShape).transform((input, context): Repository => {
    const components = input.components ?? [];
    const flat = input.suites.filter(suite => suite.endsWith('/'));
    if (flat.length > 0 && flat.length < input.suites.length)
      refuse(context, { reason: 'suites and paths cannot be mixed', hint: 'make two repositories of it' }, [
        'suites',
      ]);
    else if (flat.length > 0 && components.length > 0)
      refuse(context, { reason: 'a flat repository has no components', hint: 'remove them' }, ['components']);
    else if (flat.length === 0 && components.length === 0)
      refuse(context, {
        reason: 'components are missing',
        hint: 'add components: [main], or end the suite with / for a flat repository',
      });
    return {
      name: input.name,
      types: input.types ?? ['deb'],
      uris: input.uris,
      suites: input.suites,
      components,
      ...(input.architectures === undefined ? {} : { architectures: input.architectures }),
      ...(input['check-valid-until'] === false && { checkValidUntil: false }),
      signedBy: input['signed-by'],
    };
  });
}
