import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../errors/index.ts';
import { describeError, renderError } from './describe-error.ts';
import { sanitize } from './sanitize.ts';

const render = (error: unknown, showStack = false) => renderError(error, describeError(error), showStack);

describe('an error for people', () => {
  it('has the message, the chain of causes and the hint', () => {
    const root = new Error('ENOSPC: no space left on device');
    const middle = new Error('cannot write object ab/cd', { cause: root });
    const error = new AptLayerError('NO_SPACE', 'staging failed', { hint: 'free some space', cause: middle });
    expect(render(error)).toBe(
      'error: staging failed\n' +
        '  caused by: cannot write object ab/cd\n' +
        '  caused by: ENOSPC: no space left on device\n' +
        'hint: free some space\n',
    );
  });

  it('does not repeat a cause that the message already has', () => {
    const error = new AptLayerError('FAILED', 'staging: no luck', { cause: new Error('no luck') });
    expect(render(error)).toBe('error: staging: no luck\n');
  });

  it('survives a chain that is a loop', () => {
    const a = new Error('a');
    const b = new Error('b', { cause: a });
    a.cause = b;
    expect(describeError(a).causes.length).toBe(16);
  });

  it('calls anything else a bug, with the stack on request', () => {
    const bug = new TypeError('x is undefined');
    expect(describeError(bug)).toMatchObject({ code: 'BUG', exitCode: 70 });
    expect(render(bug)).toContain('this is a bug in apt-layer; run it again with --debug');
    expect(render(bug)).not.toContain('describe-error.test');
    expect(render(bug, true)).toContain('describe-error.test');
    expect(render('text')).toContain('something that is no error was thrown: text');
  });
});

describe('an error for programs', () => {
  it('has all keys, and no credentials', () => {
    const error = new AptLayerError('NETWORK', 'cannot get https://joe:secret@example.org/x', {
      details: { url: 'http://joe:secret@example.org/', none: undefined, size: 3 },
    });
    expect(describeError(error)).toEqual({
      code: 'NETWORK',
      message: 'cannot get https://***@example.org/x',
      hint: null,
      details: { url: 'http://***@example.org/', size: 3 },
      causes: [],
      exitCode: 7,
    });
  });

  it('ends with 128+N after a signal, but only when the signal is why', () => {
    expect(describeError(new AptLayerError('INTERRUPTED', 'stopped'), 15).exitCode).toBe(143);
    expect(describeError(new AptLayerError('NO_SPACE', 'full'), 15).exitCode).toBe(1);
  });
});

describe('sanitize', () => {
  it.each([
    ['plain\n\ttext', 'plain\n\ttext'],
    ['\x1b[2Jgone\x07', '\\x1b[2Jgone\\x07'],
    ['a\rb\x9b1m', 'a\\x0db\\x9b1m'],
    ['see http://u:p@h:80/a@b and ftp://u@h', 'see http://***@h:80/a@b and ftp://***@h'],
    [
      'mail joe@example.org, oci://ubuntu:24.04@sha256:ab',
      'mail joe@example.org, oci://ubuntu:24.04@sha256:ab',
    ],
  ])('%j', (text, expected) => expect(sanitize(text)).toBe(expected));
});
