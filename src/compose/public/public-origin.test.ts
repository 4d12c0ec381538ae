import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keysAt } from '../spec/schema.ts';
import { publicOrigin } from './public-origin.ts';
import { PUBLIC_KEYS } from './spec-keys.ts';

const publicSpec = (text: string) => publicOrigin({ specText: text, lockText: '' }).spec;

/** Keys that are secrets on purpose. */
const SECRET = [
  ...[
    'base-image.build-args',
    'include',
    'files.*.content',
    'files.*.source',
    'repositories.*.signed-by',
    'debconf.*.value',
  ],
  ...[
    'scripts.*.run',
    'scripts.*.source',
    'scripts.*.inputs',
    'bootstrap.keyring',
    'security.images.keys',
    'base-image.build-args',
    'pins.*.explanation',
  ],
  'users.*.description',
];

/** Every path of the schema, down to what is no map. */
function pathsOf(path: readonly (string | number)[]): string[] {
  return keysAt(path).flatMap(key => {
    const inside = [...path, key];
    const deeper = [...pathsOf(inside), ...pathsOf([...inside, 0])];
    return deeper.length > 0
      ? deeper
      : [inside.map(part => (typeof part === 'number' ? '*' : part)).join('.')];
  });
}

describe('the public part of a spec', () => {
  it('has what is public, and nothing of what is not', () => {
    const text = `
name: web
base-image: apt://trixie # secret1
layers:
  - vim
  - {package: git, maintainer-scripts: skip, x: secret2}
  - https://secret3:a@example.org/secret4/x.deb?secret5=1#sha256=${'0'.repeat(64)}
files:
  - {path: /etc/key, content: secret6, mode: "0600"}
  - {path: /etc/other, source: /root/secret7}
debconf:
  - adduser adduser/homedir-permission boolean secret8
  - {package: a, question: a/b, type: password, value: secret9}
scripts:
  - {name: setup, run: "echo secret10", inputs: [/root/secret11]}
repositories:
  - {name: own, uris: ["https://example.org/secret12/debian"], suites: [stable], components: [main], signed-by: secret13}
kernel-arguments: [quiet, password=secret14, console=ttyS0]
users: [{name: me, password: secret15}]
new-key: secret16
labels: {team: web}
`;
    const shown = publicSpec(text);
    expect(JSON.stringify(shown)).not.toContain('secret');
    expect(shown).toEqual({
      name: 'web',
      'base-image': 'apt://trixie',
      layers: [
        'vim',
        { package: 'git', 'maintainer-scripts': 'skip' },
        `https://example.org/x.deb#sha256=${'0'.repeat(64)}`,
      ],
      files: [{ path: '/etc/key', mode: '0600' }, { path: '/etc/other' }],
      debconf: [
        'adduser adduser/homedir-permission boolean',
        { package: 'a', question: 'a/b', type: 'password' },
      ],
      scripts: [{ name: 'setup' }],
      repositories: [
        { name: 'own', uris: ['https://example.org/***'], suites: ['stable'], components: ['main'] },
      ],
      'kernel-arguments': ['quiet', 'password=***', 'console=ttyS0'],
      users: [{ name: 'me' }],
      labels: { team: 'web' },
    });
  });

  it('is nothing for what is no spec, whatever the bytes', () => {
    expect(publicSpec('a: [')).toBeUndefined();
    expect(publicSpec('- a')).toBeUndefined();
    fc.assert(fc.property(fc.string({ unit: 'binary' }), text => void publicSpec(text)));
  });

  it('is decided for every key of the schema', () => {
    const paths = pathsOf([]);
    expect(paths).toContain('files.*.content');
    const known = (path: string) =>
      [path, `${path}.*`].some(one => PUBLIC_KEYS.has(one) || SECRET.includes(one));
    expect(paths.filter(path => !known(path))).toEqual([]);
    expect(SECRET.filter(path => PUBLIC_KEYS.has(path) || !paths.includes(path))).toEqual([]);
  });
});

describe('the public part of a lock', () => {
  it('has no logins, and no digests of inputs', () => {
    const lockText = JSON.stringify({
      version: 1,
      base: { request: 'apt://trixie', digest: 'a'.repeat(64) },
      packages: [
        {
          ...{ name: 'vim', architecture: 'amd64', version: '1', sha256: 'b'.repeat(64), size: 1 },
          ...{ uri: 'https://me:secret@example.org/secret/vim_1_amd64.deb', requested: true },
        },
      ],
      inputs: { '/root/key': 'c'.repeat(64) },
      users: { me: 1000 },
    });
    const { lock } = publicOrigin({ specText: '{}', lockText });
    expect(JSON.stringify(lock)).not.toMatch(/secret|cccc|root/);
    expect(lock).toMatchObject({
      base: { request: 'apt://trixie' },
      packages: [{ name: 'vim', uri: 'https://example.org/vim_1_amd64.deb' }],
      users: { me: 1000 },
    });
    expect(publicOrigin({ specText: '', lockText: 'x' }).lock).toBeUndefined();
  });
});
