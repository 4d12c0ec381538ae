import { describe, expect, it } from 'vitest';
import { testHost } from '../../tests/support/host.ts';
import type { AcquireOptions } from './acquire-options.ts';
import { archivesKey, archivesOf, type SpecArchives } from './archives.ts';
import type { ImageFiles } from './image-sources.ts';

const KEY = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEAA==\n-----END PGP PUBLIC KEY BLOCK-----\n';
const OTHER = KEY.replace('mDMEAA', 'mDMEBB');
const ACQUIRE: AcquireOptions = { text: '', proxyPasswords: '', netrc: '/x', netrcParts: '/y', dates: {} };
const SPEC: SpecArchives = { repositories: [], addresses: [], old: false, disabled: [] };
const SOURCE =
  'Types: deb\nURIs: http://example.org/debian\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/k.asc\n';

function image(files: Readonly<Record<string, string>>): ImageFiles {
  return {
    read: path => (files[path] === undefined ? undefined : Buffer.from(files[path])),
    list: path =>
      Object.keys(files)
        .filter(name => name.startsWith(`${path}/`))
        .map(name => name.slice(path.length + 1))
        .sort(),
  };
}

const of = (files: Readonly<Record<string, string>>, spec: Partial<SpecArchives> = {}, acquire = ACQUIRE) =>
  archivesOf(testHost(), image(files), { spec: { ...SPEC, ...spec }, acquire });
const FILES = { '/etc/apt/sources.list.d/a.sources': SOURCE, '/usr/share/keyrings/k.asc': KEY };
const UNSIGNED = SOURCE.replace(/Signed-By.*\n/, '');

describe('the key of lists', () => {
  const keyOf = (files: Readonly<Record<string, string>>) => archivesKey(of(files));
  it('is the same for the same sources and keys, wherever they are in the image', () => {
    const moved = {
      '/etc/apt/sources.list.d/b.sources': SOURCE.replace('k.asc', 'l.asc'),
      '/usr/share/keyrings/l.asc': KEY,
    };
    expect(keyOf(moved)).toBe(keyOf(FILES));
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['the bytes of a key', { ...FILES, '/usr/share/keyrings/k.asc': OTHER }],
    ['an address', { ...FILES, '/etc/apt/sources.list.d/a.sources': SOURCE.replace('/debian', '/other') }],
    ['an architecture', { ...FILES, '/var/lib/dpkg/arch': 'amd64\nriscv64\n' }],
    ['no key of its own', { ...FILES, '/etc/apt/sources.list.d/a.sources': UNSIGNED }],
  ])('differs with %s', (_, files) => {
    expect(keyOf(files)).not.toBe(keyOf(FILES));
  });

  it('has the keys for all sources where one names none', () => {
    const files = { '/etc/apt/sources.list.d/a.sources': UNSIGNED, '/etc/apt/trusted.gpg.d/k.asc': KEY };
    expect(keyOf(files)).not.toBe(keyOf({ ...files, '/etc/apt/trusted.gpg.d/k.asc': OTHER }));
    expect(keyOf({ ...FILES, '/etc/apt/trusted.gpg.d/k.asc': OTHER })).toBe(keyOf(FILES));
  });
});

describe('keys', () => {
  it.each([
    ['a path that the image has not', 'Signed-By: /usr/share/keyrings/gone.gpg', 'SIGNATURE'],
    ['what is no keyring', 'Signed-By: /etc/apt/sources.list.d/a.sources', 'SIGNATURE'],
    ['what is neither path nor fingerprint', 'Signed-By: somebody', 'CONFIG_INVALID'],
  ])('%s names the source', (_, field, code) => {
    const text = SOURCE.replace(/Signed-By.*/, field);
    const read = () => of({ ...FILES, '/etc/apt/sources.list.d/a.sources': text });
    expect(read).toThrow(expect.objectContaining({ code, message: expect.stringContaining('a.sources:1') }));
  });

  it('may be several, and of those only some', () => {
    const fingerprint = '0123456789ABCDEF0123456789ABCDEF01234567';
    const text = SOURCE.replace(
      /Signed-By.*/,
      `Signed-By: /usr/share/keyrings/k.asc, /b.asc\n ${fingerprint}!`,
    );
    const [source] = of({ ...FILES, '/b.asc': OTHER, '/etc/apt/sources.list.d/a.sources': text }).sources;
    expect(source?.keyrings.map(one => one.bytes.toString())).toEqual([KEY, OTHER]);
    expect(source?.fingerprints).toEqual([`${fingerprint}!`]);
  });
});

describe('sources', () => {
  const repository = {
    name: 'own',
    uris: ['http://10.0.0.1/own'],
    suites: ['s'],
    components: ['c'],
    signedBy: { kind: 'inline', key: KEY },
  } as const;

  it('of the spec are taken from the spec, not from the file that the image has of them', () => {
    const files = { ...FILES, '/etc/apt/sources.list.d/apt-layer-own.sources': 'Types: deb\nTrusted: yes\n' };
    const { sources } = of(files, { repositories: [repository] });
    expect(sources.map(one => [one.uris[0], one.bySpec])).toEqual([
      ['http://example.org/debian', false],
      ['http://10.0.0.1/own', true],
    ]);
  });

  it.each(['a.sources', 'a', 'http://example.org/debian/'])('can be left out as %s', name => {
    expect(of(FILES, { disabled: [name] }).sources).toEqual([]);
  });

  it('that there are not cannot be left out', () => {
    expect(() => of(FILES, { disabled: ['b'] })).toThrow(
      expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('a.sources') }),
    );
  });

  it("of others do not get what the host's configuration says of dates", () => {
    const acquire = { ...ACQUIRE, dates: { 'check-valid-until': 'no' } };
    expect(of(FILES, {}, acquire).sources[0]?.options).toEqual({});
  });

  it('are read with the first mirror of a list in the image', () => {
    const files = {
      '/etc/apt/sources.list': 'deb mirror+file:/etc/apt/mirrors.list trixie main\n',
      '/etc/apt/mirrors.list': '# mirrors\nhttp://mirror.example.org/debian\tpriority:1\n',
    };
    expect(of(files).sources[0]?.uris).toEqual(['http://mirror.example.org/debian']);
    const inside = { ...files, '/etc/apt/mirrors.list': 'http://127.0.0.1/debian\n' };
    expect(() => of(inside)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('that apt would not take are refused by file and line', () => {
    const read = () => of({ '/etc/apt/sources.list': '\ndeb nonsense\n' });
    expect(read).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/^\/etc\/apt\/sources\.list:2: /),
      }),
    );
  });
});
