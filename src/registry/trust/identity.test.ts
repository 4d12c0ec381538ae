import { describe, expect, it } from 'vitest';
import { boundTo } from './identity.ts';

const tagged = { image: 'h.org/a/b:1', repository: 'h.org/a/b' };
const digest = `sha256:${'0'.repeat(64)}`;
const byDigest = { image: `h.org/a/b@${digest}`, repository: 'h.org/a/b' };
const reference = (dockerReference: string) => ({ type: 'exactReference', dockerReference });
const repository = (dockerRepository: string) => ({ type: 'exactRepository', dockerRepository });

describe('the name that a signature has to have', () => {
  const cases: readonly (readonly [object | undefined, object, object])[] = [
    [undefined, reference('h.org/a/b:1'), repository('h.org/a/b')],
    [{ type: 'matchRepoDigestOrExact' }, reference('h.org/a/b:1'), repository('h.org/a/b')],
    [{ type: 'matchExact' }, reference('h.org/a/b:1'), reference(`h.org/a/b@${digest}`)],
    [{ type: 'matchRepository' }, repository('h.org/a/b'), repository('h.org/a/b')],
    [reference('x.org/y:2'), reference('x.org/y:2'), reference('x.org/y:2')],
    [
      { type: 'remapIdentity', prefix: 'h.org', signedPrefix: 'x.org/y' },
      reference('x.org/y/a/b:1'),
      repository('x.org/y/a/b'),
    ],
    [
      { type: 'remapIdentity', prefix: 'h.org/a/b', signedPrefix: 'x.org' },
      reference('x.org:1'),
      repository('x.org'),
    ],
    [
      { type: 'remapIdentity', prefix: 'h.org/a/', signedPrefix: 'x.org' },
      reference('h.org/a/b:1'),
      repository('h.org/a/b'),
    ],
  ];
  it.each(cases)('of %j', (signedIdentity, forTag, forDigest) => {
    const requirement = { type: 'signedBy', ...(signedIdentity !== undefined && { signedIdentity }) };
    expect(boundTo(requirement, tagged)['signedIdentity']).toEqual(forTag);
    expect(boundTo(requirement, byDigest)['signedIdentity']).toEqual(forDigest);
  });

  it('is left to skopeo where it is not understood', () => {
    for (const one of [
      { type: 'signedBy', signedIdentity: { type: 'matchExact', more: 1 } },
      { type: 'signedBy', signedIdentity: 'matchExact' },
      { type: 'sigstoreSigned', signedIdentity: { type: 'remapIdentity', prefix: 1, signedPrefix: 'x' } },
      { type: 'reject' },
      { type: 'of another day' },
    ])
      expect(boundTo(one, tagged)).toBe(one);
  });
});
