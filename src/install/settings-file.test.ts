import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../errors/index.ts';
import { parseSettings } from './settings-file.ts';

describe('a file of settings', () => {
  it('has a line for each, with paths that start where it is', () => {
    const text =
      '# web\nhostname = web1\nuser=anna\npassword-file=secrets/pw\n\nkarg=console=ttyS0\nkarg=quiet\r\nssh-key=/k.pub\n';
    expect(parseSettings(text, '/srv/a/web.conf')).toEqual({
      machine: {
        ...{ hostname: 'web1', user: 'anna' },
        ...{ passwordFile: '/srv/a/secrets/pw', sshKeyFile: '/k.pub' },
      },
      kernelArguments: ['console=ttyS0', 'quiet'],
    });
  });

  it.each([
    ['hostname', /web.conf:1: it is no setting/],
    ['\nhostname=', /web.conf:2: hostname has no value/],
    ['hostnam=x', /there is no setting "hostnam"/],
    ['user=a\nuser=b', /web.conf:2: user is said twice/],
    ['constructor=x', /there is no setting/],
  ])('%j is refused', (text, message) => {
    expect(() => parseSettings(text, '/web.conf')).toThrow(message);
  });

  it('may be anything', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        try {
          parseSettings(text, '/web.conf');
        } catch (error) {
          if (!(error instanceof AptLayerError)) throw error;
        }
      }),
    );
  });
});
