import { describe, expect, it } from 'vitest';
import { runningArguments } from './running-arguments.ts';

const of = (text: string) => runningArguments({ readFile: () => Buffer.from(text) });
const failing = (code: string) => ({
  readFile: () => {
    throw Object.assign(new Error(code), { code });
  },
});

describe('the words of the kernel’s command line', () => {
  it.each([
    ['', []],
    ['\n', []],
    ['ro quiet\n', ['ro', 'quiet']],
    ['dyndbg="file a +p"  x=1', ['dyndbg="file a +p"', 'x=1']],
    ['a "b c', ['a', '"b c']],
  ])('%j', (text, words) => expect(of(text)).toEqual(words));

  it('are none without /proc, and any other error is one', () => {
    expect(runningArguments(failing('ENOENT'))).toEqual([]);
    expect(() => runningArguments(failing('EIO'))).toThrow('EIO');
  });
});
