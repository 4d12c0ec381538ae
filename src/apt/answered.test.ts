import { describe, expect, it } from 'vitest';
import { assertAnswered, assertFilesAnswered, parseSelections } from './answered.ts';
import { LOCAL_DEBS } from './request.ts';
import { resolvedPackage } from './simulation.ts';

const resolved = (name: string, version = '1', architecture = 'amd64') =>
  resolvedPackage({ name, version, architecture }, { size: 1, sha256: undefined, uri: 'http://x/y' });
const INSTALLED = new Map(
  ['base:amd64', 'tool:i386'].map(key => {
    const [name = '', architecture = ''] = key.split(':');
    return [key, { name, architecture, version: '1' }];
  }),
);

function answered(
  asked: { install?: string[]; remove?: string[] },
  given: { install?: ReturnType<typeof resolved>[]; remove?: string[]; said?: string } = {},
): string {
  try {
    assertAnswered(
      { install: asked.install ?? [], files: [], remove: asked.remove ?? [], prefer: [] },
      {
        install: given.install ?? [],
        remove: given.remove ?? [],
        selections: parseSelections(given.said ?? ''),
      },
      { installed: () => INSTALLED, native: 'amd64' },
    );
    return 'yes';
  } catch (error) {
    expect(error).toMatchObject({ code: 'RESOLVE_FAILED' });
    return (error as Error).message;
  }
}

describe('a request is answered', () => {
  it.each<[string, string[], ReturnType<typeof resolved>[]]>([
    [
      'by a package',
      ['a', 'b=2', 'c/suite', 'd:i386', 'e:i386'],
      [
        ...[resolved('a'), resolved('b', '2'), resolved('c')],
        ...[resolved('d', '1', 'i386'), resolved('e', '1', 'all')],
      ],
    ],
    ['by the base', ['base', 'base=1', 'tool:i386'], []],
  ])('%s', (_, install, given) => {
    expect(answered({ install }, { install: given })).toBe('yes');
  });

  it('by the package that provides it', () => {
    const said = "Note, selecting 'base' instead of 'virtual'\n";
    expect(answered({ install: ['virtual'] }, { said })).toBe('yes');
  });

  it('by a removal', () => {
    expect(answered({ remove: ['base', 'other'] }, { remove: ['base'] })).toBe('yes');
  });
});

describe('a request is not answered', () => {
  it.each([
    ['less+', [resolved('less')]],
    ['a:i386', [resolved('a')]],
    ['a', [resolved('a', '1', 'i386')]],
    ['a=2', [resolved('a', '1')]],
    ['base=2', []],
    ['tool', []],
  ])('%s', (name, install) => {
    expect(answered({ install: [name] }, { install })).toContain(name);
  });

  it('by what matches a pattern', () => {
    const said = "Note, selecting 'base' for regex 'b.se'\n";
    expect(answered({ install: ['b.se'] }, { said })).toContain('b.se');
  });

  it('by what is removed with it, nor a removal by what stays', () => {
    expect(answered({ install: ['base'] }, { remove: ['base'] })).toContain('base');
    expect(answered({ remove: ['base'] })).toContain('would stay');
  });
});

describe('a file is answered', () => {
  const packages = new Map([
    ['/a.deb', { name: 'a', architecture: 'amd64', version: '1' }],
    ['/base.deb', { name: 'base', architecture: 'amd64', version: '1' }],
    ['/newer.deb', { name: 'base', architecture: 'amd64', version: '2' }],
  ]);
  const from = (name: string, uri: string, version = '1') => ({ ...resolved(name, version), uri });
  const check = (files: string[], install: ReturnType<typeof resolved>[], remove: string[] = []) => {
    const packageAt = (path: string) =>
      packages.get(path) as { name: string; architecture: string; version: string };
    assertFilesAnswered(files, { install, remove }, { installed: () => INSTALLED, packageAt });
  };

  it('by being taken, or by being there', () => {
    check(['/a.deb', '/base.deb'], [from('a', `file:${LOCAL_DEBS}/0.deb`)]);
    check(['/base.deb'], []);
  });

  it.each<[string, string[], ReturnType<typeof resolved>[], string[]]>([
    ['another file in its place', ['/a.deb'], [from('a', 'http://x/a.deb', '3')], []],
    ['nothing', ['/a.deb'], [], []],
    ['an older one', ['/newer.deb'], [], []],
    ['one that goes', ['/base.deb'], [], ['base']],
    ['the number of another file', ['/base.deb', '/a.deb'], [from('a', `file:${LOCAL_DEBS}/0.deb`)], []],
  ])('not by %s', (_, files, install, remove) => {
    expect(() => check(files, install, remove)).toThrow(/apt left \/\S+ \(/);
  });
});
