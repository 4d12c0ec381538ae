import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../errors/index.ts';
import type { DeploymentRecord } from './model.ts';
import { parseDeployment, serializeDeployment } from './record.ts';

const record: DeploymentRecord = {
  id: 'web-20260101-000000',
  name: 'web',
  createdSeconds: 1_767_225_600,
  image: 'ab'.repeat(32),
  base: { request: 'apt://trixie', digest: 'cd'.repeat(32) },
  version: '13.1',
  requestedPackages: ['vim'],
  requestedLocalPackages: ['/tmp/x.deb'],
  baseRemovals: ['nano'],
  baseReplacements: [],
  packagesWithNetwork: ['vim_9_amd64'],
  packages: ['vim_9_amd64'],
  expiredArchives: ['http://mirror.example.org/*** trixie'],
  kernelArguments: ['quiet'],
  labels: { a: 'b' },
  verity: 'require',
  warnings: [{ key: '0123', text: 'vim postinst:1: reboot: not in an image' }],
  forcedPolicy: { reason: 'why', uid: 1000, user: 'me', refused: ['security.packages.deny: a'] },
  stages: [
    { ref: `stage/${'ef'.repeat(32)}`, packages: 12, requested: ['vim'], warned: ['0123'] },
    { ref: undefined, packages: 0, requested: [], warned: undefined },
  ],
  commandLine: 'layer vim',
  transaction: '20260101-000000-00000000',
};

function parse(text: string): DeploymentRecord {
  return parseDeployment('deployment.json', Buffer.from(text));
}

function changed(key: string, value: unknown): string {
  return JSON.stringify({ version: 1, deployment: { ...record, [key]: value } });
}

describe('deployment.json', () => {
  it('gives back what was serialized', () => {
    const texts = fc.array(fc.string());
    const options = fc.record({
      createdSeconds: fc.integer({ min: -8e12, max: 8e12 }),
      version: fc.option(fc.string(), { nil: undefined }),
      base: fc.constantFrom(record.base, undefined),
      requestedPackages: texts,
      packages: texts,
      warnings: fc.option(fc.array(fc.record({ key: fc.string(), text: fc.string() })), { nil: undefined }),
      stages: fc.array(
        fc.record({
          ref: fc.option(
            fc.stringMatching(/^[0-9a-f]{64}$/).map(key => `stage/${key}`),
            { nil: undefined },
          ),
          packages: fc.nat(),
          requested: texts,
          warned: fc.option(texts, { nil: undefined }),
        }),
      ),
      expiredArchives: texts,
      commandLine: fc.string({ unit: 'grapheme' }),
      kernelArguments: texts,
      labels: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
    });
    fc.assert(
      fc.property(options, parts => {
        const one: DeploymentRecord = { ...record, ...parts };
        expect(parse(serializeDeployment(one))).toEqual(one);
      }),
    );
  });

  it('of a version that knew no policy prefers fs-verity', () => {
    expect(parse(changed('verity', undefined)).verity).toBe('prefer');
  });

  it('ignores keys that it does not know', () => {
    expect(parse(changed('colour', 'red'))).toStrictEqual(record);
  });

  const wrong = [
    ['id', '../../etc'],
    ['id', 'db-20260101-000000'],
    ['name', 'we'],
    ['name', '../x'],
    ['createdSeconds', '1'],
    ['createdSeconds', 1e300],
    ['image', 'ab'],
    ['image', `../${'a'.repeat(61)}`],
    ['base', 'apt://trixie'],
    ['base', { request: 'x', digest: '..' }],
    ['packages', 'vim'],
    ['packages', [1]],
    ['labels', { a: 1 }],
    ['verity', true],
    ['forcedPolicy', 'none'],
    ['forcedPolicy', { reason: 'why', uid: 1.5, user: 'me', refused: [] }],
    ['forcedPolicy', { reason: 'why', uid: 1, user: 'me', refused: [1] }],
    ['warnings', 'none'],
    ['warnings', [{ key: 'a' }]],
    ['verity', 'seal'],
    ['stages', {}],
    ['stages', ['stage/1']],
    ['stages', [{ ref: `stage/../${'ef'.repeat(32)}`, packages: 1, requested: [] }]],
    ['stages', [{ ref: 'build/x', packages: 1, requested: [] }]],
    ['stages', [{ packages: -1, requested: [] }]],
    ['stages', [{ packages: 1, requested: [1] }]],
    ['stages', [{ packages: 1, requested: [], warned: 'x' }]],
    ['commandLine', null],
  ] as const;
  it.each(wrong)('refuses %s = %j', (key, value) => {
    expect(() => parse(changed(key, value))).toThrow(
      /^deployment.json: \S+ is missing or not as it should be/,
    );
  });

  it('refuses a newer version', () => {
    expect(() => parse(JSON.stringify({ version: 2, deployment: record }))).toThrow('unknown version 2');
  });

  it('gives a typed error for any damage', () => {
    const text = serializeDeployment(record);
    fc.assert(
      fc.property(fc.nat(text.length - 3), fc.uint8Array({ maxLength: 8 }), (at, bytes) => {
        const damaged = Buffer.concat([Buffer.from(text.slice(0, at)), Buffer.from(bytes)]);
        expect(() => parseDeployment('deployment.json', damaged)).toThrow(AptLayerError);
      }),
    );
  });
});
