import { describe, expect, it } from 'vitest';
import type { InstalledPackage } from '../apt/index.ts';
import { diffPackages } from './package-diff.ts';

/** `name:architecture=version` words. */
function set(text: string): Map<string, InstalledPackage> {
  const words = text.split(' ').filter(word => word !== '');
  return new Map(
    words.map(word => {
      const [key = '', version = ''] = word.split('=');
      const [name = '', architecture = ''] = key.split(':');
      return [key, { name, architecture, version }];
    }),
  );
}

describe('diffPackages', () => {
  const cases = [
    ['nothing', 'a:all=1', 'a:all=1', {}],
    ['what comes and goes', 'b:amd64=1', 'a:amd64=1', { added: ['a:amd64'], removed: ['b:amd64'] }],
    [
      'versions by the rules of Debian',
      'a:all=1~rc1 b:all=1:1',
      'a:all=1 b:all=2',
      {
        upgraded: ['a:all'],
        downgraded: ['b:all'],
      },
    ],
    ['one architecture of two', 'a:amd64=1 a:i386=1', 'a:amd64=2 a:i386=1', { upgraded: ['a:amd64'] }],
    ['a change of architecture', 'a:amd64=1', 'a:all=2', { upgraded: ['a:all'] }],
    [
      'a change that is not clear',
      'a:amd64=1 a:i386=1',
      'a:all=2',
      {
        added: ['a:all'],
        removed: ['a:amd64', 'a:i386'],
      },
    ],
  ] as const;
  it.each(cases)('sees %s', (_, before, after, expected) => {
    const found = diffPackages(set(before), set(after));
    const lists = Object.entries(found).flatMap(([name, list]: [string, InstalledPackage[]]) =>
      list.length === 0 ? [] : [[name, list.map(one => `${one.name}:${one.architecture}`)]],
    );
    expect(Object.fromEntries(lists)).toStrictEqual(expected);
  });
});
