import { describe, expect, it } from 'vitest';
import { CommandFailed } from '../process/index.ts';
import { explainMountFailure } from './mount-failure.ts';

const failed = (stderrTail: string) =>
  new CommandFailed({ tool: 'setpriv', args: [] }, { exitStatus: 32, stderrTail });

describe('explainMountFailure', () => {
  it.each([
    ["mount: lower: unknown filesystem type 'erofs'.", 'HOST_UNSUPPORTED', /no erofs/],
    ["mount: root: unknown filesystem type 'overlay'.", 'HOST_UNSUPPORTED', /no overlay/],
    ['mount: lower: failed to setup loop device for x: No such file', 'HOST_UNSUPPORTED', /loop device/],
    ['unshare: unshare failed: Operation not permitted', 'PERMISSION', /not permitted/],
    ['mount: root: wrong fs type, bad option', 'COMMAND_FAILED', /wrong fs type/],
  ])('%s', (said, code, message) => {
    const error = explainMountFailure(failed(said)) as CommandFailed;
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('leaves other errors alone', () => {
    const error = new Error('x');
    expect(explainMountFailure(error)).toBe(error);
  });
});
