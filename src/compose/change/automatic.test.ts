import fs from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../../tests/support/host.ts';
import { AptLayerError } from '../../errors/index.ts';
import { AUTOMATIC_UPDATES, automaticUpdates } from './automatic.ts';

describe('automatic updates', () => {
  it.each([
    ['', 'off'],
    ['# nothing\n', 'off'],
    ['automatic-updates: off\n', 'off'],
    ['automatic-updates: false\n', 'off'],
    ['automatic-updates: check\n', 'check'],
    ['automatic-updates: apply # at night\nother: 1\n', 'apply'],
  ])('%j means %s', (text, expected) => {
    using scratch = scratchDirectory();
    const path = `${scratch.path}/apt-layer.conf`;
    expect(automaticUpdates(testHost(), path)).toBe('off');
    fs.writeFileSync(path, text);
    expect(automaticUpdates(testHost(), path)).toBe(expected);
  });

  it('are a word it knows, or an error that names the file', () => {
    using scratch = scratchDirectory();
    const path = `${scratch.path}/apt-layer.conf`;
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        fs.writeFileSync(path, text);
        try {
          expect(AUTOMATIC_UPDATES).toContain(automaticUpdates(testHost(), path));
        } catch (error) {
          expect(error).toBeInstanceOf(AptLayerError);
          expect((error as Error).message).toContain(path);
        }
      }),
    );
    fs.writeFileSync(path, 'automatic-updates: sometimes\n');
    expect(() => automaticUpdates(testHost(), path)).toThrow(/"sometimes"/);
  });
});
