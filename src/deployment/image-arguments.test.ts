import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseArguments } from './image-arguments.ts';

describe('kernel arguments of an image', () => {
  it('are words, without comments', () => {
    expect(parseArguments('quiet  splash # why\n# all\nconsole=ttyS0\r\n\n')).toStrictEqual([
      'quiet',
      'splash',
      'console=ttyS0',
    ]);
  });

  it('do not say what is booted', () => {
    expect(parseArguments('quiet composefs.digest=x aptlayer.deployment=y -- composefs_=1')).toStrictEqual([
      'quiet',
      'composefs_=1',
    ]);
  });

  it('never have a blank or a control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        for (const word of parseArguments(text)) expect(word).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
  });
});
