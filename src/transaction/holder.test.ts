import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSys } from '../sys/index.ts';
import { describeHolder, type Holder, parseHolder, processStart, serializeHolder } from './holder.ts';

const holder: Holder = {
  verb: 'layer',
  commandLine: 'layer vim',
  transaction: '20260102-030405-00112233',
  pid: 123,
  startTicks: '99',
  sinceSeconds: 1000,
};

describe('holder', () => {
  it('gives back what was serialized', () => {
    expect(parseHolder(Buffer.from(serializeHolder(holder)))).toStrictEqual(holder);
  });

  it('is nobody when the file is damaged', () => {
    const text = serializeHolder(holder);
    for (let length = 0; length < text.length - 2; length++)
      expect(parseHolder(Buffer.from(text.slice(0, length)))).toBeUndefined();
    expect(parseHolder(Buffer.from(text.replace('123', '"x"')))).toBeUndefined();
  });

  it('never fails, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        expect(parseHolder(Buffer.from(bytes))).toBeUndefined();
      }),
    );
  });

  const ages = [
    [0, '0 s'],
    [59, '59 s'],
    [60, '1 min'],
    [123, '2 min 3 s'],
    [3600, '1 h'],
    [3725, '1 h 2 min'],
    [90061, '1 d 1 h'],
    [-5, '0 s'],
  ] as const;
  it.each(ages)('says %i seconds as %s', (seconds, text) => {
    const now = new Date((holder.sinceSeconds + seconds) * 1000);
    expect(describeHolder(holder, now)).toBe(`\`layer vim\` (pid 123) has been running for ${text}`);
  });
});

describe('processStart', () => {
  it('tells this process from none', () => {
    const sys = createSys();
    expect(processStart(sys, process.pid)).toMatch(/^\d+$/);
    expect(processStart(sys, 4_194_305)).toBeUndefined();
  });
});
