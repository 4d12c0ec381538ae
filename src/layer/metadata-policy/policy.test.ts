import { describe, expect, it } from 'vitest';
import { DPKG_POLICIES, type FilePolicies, policyOf, rankOf, settlesConflicts } from './policy.ts';

const policies: FilePolicies = {
  all: { preservePermissions: true, conflictResolution: 'fail' },
  packages: new Map([
    ['vim', { conflictResolution: 'keep-base' as const }],
    ['vim:i386', { preservePermissions: false }],
    ['git', { preservePermissions: false }],
  ]),
  order: ['git', 'vim:i386'],
};

describe('policyOf', () => {
  it.each([
    ['other', 'amd64', true, 'fail'],
    ['git', 'all', false, 'fail'],
    ['vim', 'amd64', true, 'keep-base'],
    ['vim', 'i386', false, 'keep-base'],
  ])('%s:%s', (name, architecture, preservePermissions, conflictResolution) => {
    expect(policyOf(policies, { name, architecture })).toEqual({ preservePermissions, conflictResolution });
  });
});

it('rankOf: the order of layers, what they pull in first', () => {
  const rank = (name: string, architecture: string) => rankOf(policies, { name, architecture });
  expect([rank('libc6', 'amd64'), rank('git', 'amd64'), rank('vim', 'i386'), rank('vim', 'amd64')]).toEqual([
    0, 1, 2, 0,
  ]);
});

it('settlesConflicts: as soon as any package has a policy', () => {
  expect(settlesConflicts(DPKG_POLICIES)).toBe(false);
  const one = { ...DPKG_POLICIES, packages: new Map([['a', { conflictResolution: 'fail' as const }]]) };
  expect([settlesConflicts(one), settlesConflicts(policies)]).toEqual([true, true]);
});
