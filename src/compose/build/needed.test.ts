import { describe, expect, it } from 'vitest';
import type { LockedPackage } from '../lock/index.ts';
import { neededPackages } from './needed.ts';

type Fields = Partial<Record<'Depends' | 'Pre-Depends' | 'Recommends' | 'Suggests' | 'Provides', string>>;

/** `NAME` or `NAME:ARCH`, with `*` in front of those that are asked for. */
function system(packages: Record<string, Fields>) {
  const parts = Object.entries(packages).map(([text, fields]) => {
    const [name = '', architecture = 'amd64'] = text.replace('*', '').split(':');
    return { name, architecture, requested: text.startsWith('*'), fields };
  });
  const stanzas = parts.map(({ name, architecture, fields }) =>
    [
      `Package: ${name}`,
      'Status: install ok installed',
      `Architecture: ${architecture}`,
      'Version: 1',
      ...Object.entries(fields).map(([key, value]) => `${key}: ${value}`),
    ].join('\n'),
  );
  // One that is no part of the lock: of the base.
  const base = 'Package: base\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nDepends: a\n';
  const locked = parts.map(
    ({ name, architecture, requested }): LockedPackage => ({
      ...{ name, architecture, requested, version: '1', size: 1, uri: 'http://x/y' },
      sha256: 'ab'.repeat(32),
    }),
  );
  return { locked, status: Buffer.from(`${[...stanzas, base].join('\n\n')}\n`) };
}

function kept(packages: Record<string, Fields>, names: string[] = [], recommends = true): string[] {
  const { locked, status } = system(packages);
  return neededPackages(locked, { status, recommends, names }).map(one =>
    one.architecture === 'amd64' ? one.name : `${one.name}:${one.architecture}`,
  );
}

describe('what requested packages need', () => {
  it.each<[string, Record<string, Fields>, string[]]>([
    ['is themselves', { '*a': {}, b: {} }, ['a']],
    [
      'is what they depend on, and so on',
      { '*a': { Depends: 'b (>= 1)' }, b: { 'Pre-Depends': 'c' }, c: {}, d: {} },
      ['a', 'b', 'c'],
    ],
    ['is what they recommend', { '*a': { Recommends: 'b' }, b: {} }, ['a', 'b']],
    ['is not what they suggest', { '*a': { Suggests: 'b' }, b: {} }, ['a']],
    ['is each alternative that is there', { '*a': { Depends: 'x | b | c' }, b: {}, c: {} }, ['a', 'b', 'c']],
    [
      'is whoever provides it',
      { '*a': { Depends: 'mta' }, b: { Provides: 'mta (= 2), x' }, c: {} },
      ['a', 'b'],
    ],
    [
      'may be a circle',
      { '*a': { Depends: 'b' }, b: { Depends: 'a' }, c: { Depends: 'd' }, d: { Depends: 'c' } },
      ['a', 'b'],
    ],
    ['is of the same architecture', { '*a': { Depends: 'b' }, b: {}, 'b:i386': {} }, ['a', 'b']],
    [
      'is of another one where that alone is there',
      { '*a': { Depends: 'b:any' }, 'b:i386': {} },
      ['a', 'b:i386'],
    ],
    ['of a package for all is of any', { '*a:all': { Depends: 'b' }, 'b:i386': {} }, ['a:all', 'b:i386']],
    ['is not what the base needs', { a: {}, '*b': {} }, ['b']],
  ])('%s', (_what, packages, expected) => {
    expect(kept(packages)).toEqual(expected);
  });

  it('is not what they recommend where nothing is to be recommended', () => {
    expect(kept({ '*a': { Recommends: 'b' }, b: {} }, [], false)).toEqual(['a']);
  });

  it('is what provides the name that was asked for', () => {
    expect(kept({ a: { Provides: 'mta' }, b: {} }, ['mta'])).toEqual(['a']);
  });
});
