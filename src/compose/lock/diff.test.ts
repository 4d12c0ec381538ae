import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLocks, type Lock, type LockedPackage } from './index.ts';

function locked(text: string, sha = 'a'): LockedPackage {
  const [name = '', architecture = '', version = ''] = text.split('_');
  return {
    name,
    architecture,
    version,
    sha256: sha.repeat(64),
    size: 1,
    uri: 'http://x/y',
    requested: false,
  };
}

const lockOf = (...packages: LockedPackage[]): Lock => ({
  base: { request: 'apt://trixie', digest: 'b'.repeat(64) },
  packages,
});

describe('diffLocks', () => {
  it('sorts changes by kind, with the versions of Debian', () => {
    const before = lockOf(
      ...[
        'gone_amd64_1',
        'old_amd64_1.9',
        'new_amd64_1:1',
        'same_amd64_1',
        'moved_amd64_1',
        'multi_amd64_1',
        'built_all_1',
      ].map(text => locked(text)),
    );
    const after = lockOf(
      ...[
        'fresh_all_1',
        'old_amd64_1.10',
        'new_amd64_2',
        'same_amd64_1',
        'moved_all_2',
        'multi_amd64_1',
        'multi_i386_1',
      ].map(text => locked(text)),
      locked('built_all_1', 'c'),
    );
    expect(diffLocks(before, after)).toEqual({
      added: [locked('fresh_all_1'), locked('multi_i386_1')],
      removed: [locked('gone_amd64_1')],
      upgraded: [
        { name: 'moved', architecture: 'all', from: '1', to: '2' },
        { name: 'old', architecture: 'amd64', from: '1.9', to: '1.10' },
      ],
      downgraded: [{ name: 'new', architecture: 'amd64', from: '1:1', to: '2' }],
      rebuilt: [{ name: 'built', architecture: 'all', from: '1', to: '1' }],
    });
  });

  it('is turned round by turning the locks round', () => {
    const entry = fc
      .tuple(
        fc.constantFrom('aa', 'bb', 'cc'),
        fc.constantFrom('amd64', 'i386'),
        fc.constantFrom('1', '1~rc', '2'),
      )
      .map(parts => locked(parts.join('_')));
    const packages = fc.uniqueArray(entry, { selector: item => `${item.name}:${item.architecture}` });
    fc.assert(
      fc.property(packages, packages, (left, right) => {
        const there = diffLocks(lockOf(...left), lockOf(...right));
        const back = diffLocks(lockOf(...right), lockOf(...left));
        expect(new Set(back.added)).toEqual(new Set(there.removed));
        expect(new Set(back.removed)).toEqual(new Set(there.added));
        expect(back.upgraded.length).toBe(there.downgraded.length);
        expect(diffLocks(lockOf(...left), lockOf(...left))).toEqual({
          added: [],
          removed: [],
          upgraded: [],
          downgraded: [],
          rebuilt: [],
        });
      }),
    );
  });
});
