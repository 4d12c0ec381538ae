import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryTree, readInline } from '../../../tests/support/memory-package.ts';
import type { ByteString } from '../../formats/bytes/index.ts';
import { readExclusions } from './excluded.ts';

const isExcluded = (configuration: string, path: string) =>
  readExclusions(memoryTree({ '/etc/dpkg/dpkg.cfg': configuration }), readInline)(path as ByteString);

describe('readExclusions', () => {
  it.each([
    ['path-exclude=/usr/share/man/*', '/usr/share/man/man1/x.1', true],
    ['path-exclude = "/usr/share/man/*"', '/usr/share/man/x', true],
    ['path-exclude /a?c', '/abc', true],
    ['path-exclude=/a[!b]c', '/abc', false],
    ['path-exclude=/a[b-d]c', '/adc', true],
    ['path-exclude=/a.c', '/abc', false],
    ['path-exclude=/a\\*c', '/abc', false],
    ['path-exclude=/a\\*c', '/a*c', true],
    ['path-exclude=/a*\npath-include=/ab*', '/abc', false],
    ['path-include=/ab*\npath-exclude=/a*', '/abc', true],
    ['# path-exclude=/a*\nforce-unsafe-io', '/abc', false],
    ['path-exclude=/[', '/[', true],
  ])('%j, %s: %s', (configuration, path, expected) => {
    expect(isExcluded(configuration, path)).toBe(expected);
  });

  it('reads dpkg.cfg.d in order, before the main file, without what dpkg skips', () => {
    const tree = memoryTree({
      '/etc/dpkg/dpkg.cfg.d/b': 'path-include=/x',
      '/etc/dpkg/dpkg.cfg.d/a': 'path-exclude=/x',
      '/etc/dpkg/dpkg.cfg.d/c.bak': 'path-exclude=/x',
    });
    expect(readExclusions(tree, readInline)('/x' as ByteString)).toBe(false);
  });

  it('does not take long for many stars', () => {
    const started = performance.now();
    expect(isExcluded(`path-exclude=/${'*a'.repeat(200)}b`, `/${'a'.repeat(4000)}`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (glob, path) => {
        expect(typeof isExcluded(`path-exclude=${glob}`, path)).toBe('boolean');
      }),
    );
  });
});
