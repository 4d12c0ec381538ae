import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MemoryEntry, memoryTree, readInline } from '../../../tests/support/memory-package.ts';
import type { ByteString } from '../../formats/bytes/index.ts';
import type { Node } from '../../formats/tree/index.ts';
import { readDpkgDatabase } from './dpkg-database.ts';

const exclusionOf = (files: Readonly<Record<string, MemoryEntry>>) =>
  readDpkgDatabase(memoryTree(files), readInline).isExcluded;
const isExcluded = (configuration: string, path: string, kind: Node['kind'] = 'file') =>
  exclusionOf({ '/etc/dpkg/dpkg.cfg': configuration })?.(path as ByteString, kind) ?? false;

describe('readExclusion', () => {
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
    ['path-exclude=/[]a]c', '/]c', true],
    ['path-exclude=/[^a]c', '/ac', false],
    ['path-exclude=/[!]a]c', '/]c', false],
    ['path-exclude=/[[:digit:]_][[:nonsense:]]*', '/4x', false],
    ['path-exclude=/[[:digit:]_]*', '/4x', true],
    ['path-exclude=/[\\]x]', '/]', true],
    ['path-exclude=/a*c*e', '/abcdee', true],
    ['path-exclude==/a', '/a', true],
    ['path-exclude  =/a', '/a', false],
    [' path-exclude=/a', '/a', false],
    ["path-exclude='/a b' ", '/a b', true],
  ])('%j, %s: %s', (configuration, path, expected) => {
    expect(isExcluded(configuration, path)).toBe(expected);
  });

  it('reads dpkg.cfg.d in order, before the main file, without what dpkg skips', () => {
    const isOut = exclusionOf({
      '/etc/dpkg/dpkg.cfg.d/b': 'path-include=/x',
      '/etc/dpkg/dpkg.cfg.d/a': 'path-exclude=/x\npath-exclude=/y',
      '/etc/dpkg/dpkg.cfg.d/c.bak': 'path-exclude=/x',
      '/etc/dpkg/dpkg.cfg.d/d': { link: '/usr/share/rules' },
      '/usr/share/rules': 'path-exclude=/z',
      '/root/.dpkg.cfg': 'path-include=/y',
    });
    expect(['/x', '/y', '/z'].map(path => isOut?.(path as ByteString, 'file'))).toEqual([false, false, true]);
  });

  it('is nothing where nothing is excluded', () => {
    expect(exclusionOf({ '/etc/dpkg/dpkg.cfg': 'path-include=/usr/*\nno-debsig\n' })).toBeUndefined();
  });

  it.each<[Node['kind'], string, boolean]>([
    ['directory', '/usr/share/doc', false],
    ['directory', '/usr/share/doc/tool/examples', false],
    ['symlink', '/usr/share/doc/tool/link', false],
    ['symlink', '/usr/share/docs-too', false],
    ['file', '/usr/share/doc/tool/file', true],
    ['directory', '/usr/share/man', true],
    ['directory', '/usr/share', true],
  ])('keeps directories and links that an include may need: %s %s', (kind, path, expected) => {
    const rules = 'path-exclude=/usr/share*\npath-include=/usr/share/doc/*/copyright\n';
    expect(isExcluded(rules, path, kind)).toBe(expected);
  });

  it('does not take long for many stars', () => {
    // An exponential search would not come back before the test's time is up.
    expect(isExcluded(`path-exclude=/${'*a'.repeat(200)}b`, `/${'a'.repeat(4000)}`)).toBe(false);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (glob, path) => {
        expect(typeof isExcluded(`path-exclude=${glob}`, path)).toBe('boolean');
      }),
    );
  });
});
