import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../../errors/index.ts';
import { inOneStage, type Lock, type LockedPackage, parseLock, serializeLock, stageCount } from './index.ts';
import { lockedKey } from './lock-file.ts';

const SHA = 'a'.repeat(64);
const entry: fc.Arbitrary<LockedPackage> = fc.record({
  name: fc.stringMatching(/^[a-z0-9][a-z0-9+._-]{1,6}$/),
  architecture: fc.constantFrom('amd64', 'all', 'i386'),
  version: fc.stringMatching(/^([0-9]:)?[0-9][0-9a-z.+~]{0,5}(-[0-9]{1,2})?$/),
  sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
  size: fc.nat(),
  uri: fc.constantFrom(
    'http://mirror.example.org/debian/pool/a.deb',
    'file:///srv/a%20b.deb',
    'file:///root/my tool (1).deb',
  ),
  requested: fc.boolean(),
});
const ids = fc.dictionary(
  fc.stringMatching(/^[a-z][a-z0-9_-]{0,6}$/),
  fc.integer({ min: 0, max: 2 ** 32 - 2 }),
  {
    noNullPrototype: true,
  },
);
const lock: fc.Arbitrary<Lock> = fc.record(
  {
    generatedBy: fc.constant('apt-layer 0.1.0'),
    base: fc.record({
      request: fc.constantFrom('apt://trixie', 'local://a/b'),
      digest: fc.stringMatching(/^[0-9a-f]{64}$/),
    }),
    packages: fc.uniqueArray(entry, { selector: lockedKey, maxLength: 8 }).map(list =>
      list
        .toSorted((a, b) =>
          a.name === b.name ? compare(a.architecture, b.architecture) : compare(a.name, b.name),
        )
        // In one stage, or each in a stage of its own.
        .map((one, index) => (isStaged(list) ? { ...one, stage: index + 1 } : one)),
    ),
    users: ids,
    groups: ids,
  },
  { requiredKeys: ['base', 'packages'] },
);

function isStaged(list: readonly LockedPackage[]): boolean {
  return list.length > 1 && list.some(one => one.size % 2 === 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function failure(text: string | Buffer): AptLayerError {
  try {
    parseLock(text, 'lock.json');
  } catch (error) {
    if (error instanceof AptLayerError) return error;
    throw error;
  }
  throw new Error('the lock is valid');
}

const PACKAGE = {
  name: 'vim',
  architecture: 'amd64',
  version: '1',
  sha256: SHA,
  size: 1,
  uri: 'http://x/y',
  requested: true,
};
const LOCK = { version: 1, base: { request: 'apt://trixie', digest: SHA }, packages: [PACKAGE] };
const changed = (change: object): string => JSON.stringify({ ...LOCK, ...change });
const withPackage = (change: object): string => changed({ packages: [{ ...PACKAGE, ...change }] });
const staged = (stages: Record<string, number>): string =>
  changed({
    version: 3,
    packages: Object.entries(stages).map(([name, stage]) => ({ ...PACKAGE, name, stage })),
  });

describe('parseLock and serializeLock', () => {
  it('are inverse', () => {
    fc.assert(
      fc.property(lock, value => {
        const text = serializeLock(value);
        expect(parseLock(text, 'lock.json')).toEqual(value);
        expect(serializeLock(parseLock(Buffer.from(text), 'lock.json'))).toBe(text);
      }),
    );
  });

  it('write one text for one lock', () => {
    const vim = { ...PACKAGE, requested: true } as LockedPackage;
    const ed = {
      requested: false,
      uri: 'http://x/e',
      size: 2,
      sha256: SHA,
      version: '2',
      architecture: 'all',
      name: 'ed',
    };
    const a = serializeLock({ base: LOCK.base, packages: [vim, ed], users: { b: 1, a: 2 } });
    const b = serializeLock({ users: { a: 2, b: 1 }, packages: [ed, vim], base: LOCK.base });
    expect(a).toBe(b);
    expect(a.indexOf('"ed"')).toBeLessThan(a.indexOf('"vim"'));
    expect(a).toMatch(/^\{\n {2}"version": 1,\n {2}"base": \{\n {4}"request": "apt:\/\/trixie",/);
    expect(a.endsWith('}\n')).toBe(true);
  });

  it('have how the image of a base was checked since version 2', () => {
    const manifest = `sha256:${SHA}`;
    const signatures = [{ kind: 'gpg', by: 'demand', keys: ['AB'] }] as const;
    const check = { identity: 'h.org/a:1', manifest, rule: 'default', signatures };
    const text = serializeLock({ base: { ...LOCK.base, manifest, check }, packages: [] });
    expect(parseLock(text, 'lock.json')).toMatchObject({ base: { check } });
    expect(JSON.parse(text)).toMatchObject({ version: 2 });
    const wrong = text.replace('"gpg"', '"pgp"');
    expect(failure(wrong).message).toContain('base.check: says not how an image was checked');
  });

  it('have the packages of a base since version 2', () => {
    const base = { ...LOCK.base, settings: 'ab'.repeat(6), packages: [PACKAGE] };
    const text = serializeLock({ base, packages: [] });
    expect(text).toMatch(/^\{\n {2}"version": 2,/);
    expect(parseLock(text, 'lock.json').base).toEqual(base);
    expect(failure(changed({ base })).message).toMatch(/base: Unrecognized keys: "settings", "packages"/);
    const old = { base: LOCK.base, packages: [], expired: ['http://x/debian trixie'] };
    expect(parseLock(serializeLock(old), 'lock.json')).toEqual(old);
    expect(failure(changed({ expired: [] })).message).toMatch(/Unrecognized key: "expired"/);
    const twice = { ...base, packages: [PACKAGE, PACKAGE] };
    expect(failure(changed({ version: 2, base: twice })).message).toMatch(/vim:amd64 is locked twice/);
  });

  it('have stages since version 3, and are as before without', () => {
    const ed = { ...PACKAGE, name: 'ed' };
    const text = serializeLock({ base: LOCK.base, packages: [ed, { ...PACKAGE, stage: 2 }] });
    expect(text).toMatch(/^\{\n {2}"version": 3,/);
    const parsed = parseLock(text, 'lock.json');
    expect(parsed.packages.map(({ name, stage }) => [name, stage])).toEqual([
      ['ed', 1],
      ['vim', 2],
    ]);
    expect(serializeLock(parsed)).toBe(text);
    expect(stageCount(parsed)).toBe(2);
    const one = serializeLock(inOneStage(parsed));
    expect(one).toMatch(/^\{\n {2}"version": 1,/);
    expect(one).not.toContain('stage');
    const first = { base: LOCK.base, packages: [{ ...PACKAGE, stage: 1 }] };
    expect(serializeLock(first)).toBe(serializeLock({ base: LOCK.base, packages: [PACKAGE] }));
    const removing = { base: LOCK.base, removed: ['nano'], packages: [{ ...PACKAGE, stage: 2 }] };
    expect(stageCount(parseLock(serializeLock(removing), 'lock.json'))).toBe(2);
  });

  it('takes no package twice', () => {
    const twice = { version: 1, base: LOCK.base, packages: [PACKAGE, PACKAGE] } as const;
    expect(() => serializeLock(twice)).toThrow('vim:amd64 is locked twice');
    expect(failure(JSON.stringify(twice)).message).toBe('lock.json: vim:amd64 is locked twice');
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['nothing', '', /^lock\.json: the lock is not JSON$/],
    ['no UTF-8', Buffer.of(0x7b, 0xff), /the lock is not UTF-8 text/],
    ['depth', '['.repeat(100_000), /the lock is not JSON/],
    ['a list', '[]', /^lock\.json: Invalid input: expected object/],
    ['no version', '{}', /^lock\.json: version: /],
    ['version 0', changed({ version: 0 }), /^lock\.json: version: /],
    ['a newer version', '{"version": 4, "anything": 1}', /a newer apt-layer wrote this lock \(version 4\)/],
    [
      'a stage in version 2',
      changed({ version: 2, packages: [{ ...PACKAGE, stage: 1 }] }),
      /Unrecognized key: "stage"/,
    ],
    ['no stage in version 3', changed({ version: 3 }), /packages\.0\.stage: /],
    ['stage 0', staged({ vim: 0 }), /packages\.0\.stage: /],
    ['a part of a stage', staged({ vim: 1.5 }), /packages\.0\.stage: /],
    ['an empty first stage', staged({ vim: 2 }), /stage 1 has no package, and vim is in stage 2/],
    ['an empty stage', staged({ ed: 1, vim: 3 }), /stage 2 has no package, and vim is in stage 3/],
    ['too many stages', staged({ ed: 1, vim: 65 }), /vim is in stage 65; there can be 64 at most/],
    [
      'a package in two stages',
      changed({ version: 3, packages: [1, 2].map(stage => ({ ...PACKAGE, stage })) }),
      /vim:amd64 is locked twice/,
    ],
    ['an unknown key', changed({ extra: 1 }), /Unrecognized key: "extra"/],
    ['no base', changed({ base: undefined }), /^lock\.json: base: /],
    [
      'a bad digest',
      changed({ base: { request: 'apt://x', digest: '../x' } }),
      /base\.digest: is not the digest of an image/,
    ],
    ['a bad name', withPackage({ name: '../../x' }), /packages\.0\.name: is not a package name/],
    ['a bad hash', withPackage({ sha256: 'A'.repeat(64) }), /packages\.0\.sha256: is not a SHA-256 digest/],
    ['a negative size', withPackage({ size: -1 }), /packages\.0\.size/],
    ['a size beyond integers', withPackage({ size: 1e300 }), /packages\.0\.size/],
    ['a bad URI', withPackage({ uri: 'x\ny' }), /packages\.0\.uri: is not a URI/],
    ['a space in an address', withPackage({ uri: 'http://x/a b.deb' }), /packages\.0\.uri: is not a URI/],
    ['a bad id', changed({ users: { x: 2 ** 32 - 1 } }), /users\.x/],
    ['a bad user', changed({ users: { 'a:b': 1 } }), /users/],
    ['many mistakes', changed({ packages: Array(50).fill(5) }), /and 30 more$/],
  ])('refuse %s', (_name, text, message) => {
    const error = failure(text);
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toMatch(message);
    expect(error.hint).toBeDefined();
  });

  it('never crash on bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json().map(text => Buffer.from(text)),
          fc.uint8Array().map(bytes => Buffer.from(bytes)),
        ),
        bytes => {
          expect(failure(bytes).code).toBe('CONFIG_INVALID');
        },
      ),
    );
  });
});
