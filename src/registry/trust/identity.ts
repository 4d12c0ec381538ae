import type { Requirement } from '../../formats/containers-policy/index.ts';

/** What an image of a registry is called. */
export interface ImageName {
  /** `HOST/PATH:TAG`, or `HOST/PATH@DIGEST` where it was asked for by its digest. */
  readonly image: string;
  /** `HOST/PATH`. */
  readonly repository: string;
}

/** Requirements that look at the name in a signature. */
const OF_SIGNATURES: readonly string[] = ['signedBy', 'sigstoreSigned'];

/**
 * The requirement as it has to be when the image is fetched by its digest and not by `name`: what it demands of the name in the signature is
 * written out. A digest says nothing of tags, so without this a signature of another tag would do. What is not known stays for skopeo to
 * refuse.
 */
export function boundTo(requirement: Requirement, name: ImageName): Requirement {
  if (!OF_SIGNATURES.includes(requirement.type)) return requirement;
  const { signedIdentity = { type: 'matchRepoDigestOrExact' } } = requirement;
  const bound = boundIdentity(signedIdentity, name);
  return bound === undefined ? requirement : { ...requirement, signedIdentity: bound };
}

function boundIdentity(identity: unknown, name: ImageName): object | undefined {
  const fields = identity as { readonly type?: unknown; readonly prefix?: unknown; signedPrefix?: unknown };
  const keys = typeof identity === 'object' && identity !== null ? Object.keys(identity).sort().join() : '';
  const { type, prefix, signedPrefix } = fields;
  if (keys === 'type')
    switch (type) {
      case 'matchExact':
        return exactly(name.image);
      case 'matchRepoDigestOrExact':
        return tagOrRepository(name);
      case 'matchRepository':
        return inRepository(name.repository);
      default:
        return undefined;
    }
  const isRemapped = keys === 'prefix,signedPrefix,type' && type === 'remapIdentity';
  if (!isRemapped || typeof prefix !== 'string' || typeof signedPrefix !== 'string') return undefined;
  const { repository } = name;
  if (repository !== prefix && !repository.startsWith(`${prefix}/`)) return tagOrRepository(name);
  const remapped = (text: string) => signedPrefix + text.slice(prefix.length);
  return tagOrRepository({ image: remapped(name.image), repository: remapped(repository) });
}

/** A signature says which tag was meant; of an image by digest it need only be of the same repository. */
function tagOrRepository({ image, repository }: ImageName): object {
  return image.includes('@') ? inRepository(repository) : exactly(image);
}

function exactly(image: string): object {
  return { type: 'exactReference', dockerReference: image };
}

/** What a signature is of that may name any tag. */
export function inRepository(repository: string): object {
  return { type: 'exactRepository', dockerRepository: repository };
}
