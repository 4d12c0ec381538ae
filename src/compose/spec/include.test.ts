import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../../errors/index.ts';
import { loadSpec, parseSpec, renderPackageRequest, renderSpec, type Spec } from './index.ts';

type Files = Readonly<Record<string, string>>;
const BASE = 'base-image: apt://trixie\n';

function load(files: Files, path = '/srv/own.yaml'): Spec {
  return loadSpec(file => {
    const text = files[file];
    if (text === undefined) throw new AptLayerError('NOT_FOUND', `${file} is not there`);
    return Buffer.from(text);
  }, path);
}

/** What `own` makes of `included`, both without a base image. */
function merged(included: string, own: string): Spec {
  return load({
    '/srv/included.yaml': `${BASE}${included}\n`,
    '/srv/own.yaml': `include: [included.yaml]\n${own}\n`,
  });
}

function failure(files: Files): AptLayerError {
  try {
    load(files);
  } catch (error) {
    if (error instanceof AptLayerError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('what a file makes of one that it includes', () => {
  it.each<[string, string, string, string]>([
    ['scalars: the own one wins', 'name: a\nversion: a', 'name: b', 'name: b\nversion: a'],
    [
      'maps are merged key by key',
      'metadata: {preserve-permissions: false, conflict-resolution: fail}\nlabels: {a: "1", b: "1"}',
      'metadata: {conflict-resolution: keep-base}\nlabels: {b: "2", constructor: "3"}',
      'metadata: {preserve-permissions: false, conflict-resolution: keep-base}\nlabels: {a: "1", b: "2", constructor: "3"}',
    ],
    [
      'lists are joined, the included one first',
      'layers: [a1, b1]\nkernel-arguments: [quiet]\nbootstrap: {components: [main]}',
      'layers: [c1, a1]\nkernel-arguments: [debug, quiet]\nbootstrap: {components: [contrib]}',
      'layers: [a1, b1, c1]\nkernel-arguments: [quiet, debug]\nbootstrap: {components: [main, contrib]}',
    ],
    [
      'a package takes the place, with its policies',
      'layers: [a1, {package: b1, maintainer-scripts: skip}, "c1:i386"]',
      'layers: [{package: a1=2, maintainer-scripts: strict}, b1/sid, "c1:amd64"]',
      'layers: [{package: a1=2, maintainer-scripts: strict}, b1/sid, "c1:i386", "c1:amd64"]',
    ],
    [
      'so do files, repositories, overrides, accounts and scripts',
      `files: [{path: /etc/a, content: x, mode: 0600}]
repositories: [{name: r, uris: [http://x], suites: [s], components: [c], signed-by: /k}]
overrides: [{package: o1, version: "1"}]
users: [{name: u, uid: 5}]
groups: [{name: g, gid: 5}]
scripts: [{name: s, run: a}]`,
      `files: [{path: /etc/a, link: y}]
repositories: [{name: r, uris: [http://y], suites: [./], signed-by: /l}]
overrides: [{package: o1, suite: sid}]
users: [{name: u, system: true}]
groups: [{name: g}]
scripts: [{name: s, run: b}]`,
      `files: [{path: /etc/a, link: y}]
repositories: [{name: r, uris: [http://y], suites: [./], signed-by: /l}]
overrides: [{package: o1, suite: sid}]
users: [{name: u, system: true}]
groups: [{name: g}]
scripts: [{name: s, run: b}]`,
    ],
    [
      'and debconf answers, however written',
      'debconf: ["p q/r string a", "p  q/s string a"]',
      'debconf: [{package: p, question: q/r, type: string, value: b}, "p q/s string b"]',
      'debconf: ["p q/r string b", "p q/s string b"]',
    ],
    [
      'and packages of several architectures',
      'multi-arch: {architectures: [i386], packages: ["a1:i386", b1]}',
      'multi-arch: {packages: [{package: a1, architecture: i386, type: foreign}, {package: b1, type: allowed}]}',
      'multi-arch: {architectures: [i386], packages: [{package: a1, architecture: i386, type: foreign}, {package: b1, type: allowed}]}',
    ],
    [
      'equal pins are one',
      'pins: [{packages: [a1], pin: version 1, priority: 1}]',
      'pins: [{packages: [a1], pin: version 1, priority: 1}, {packages: [a1], pin: version 1, priority: 2}]',
      'pins: [{packages: [a1], pin: version 1, priority: 1}, {packages: [a1], pin: version 1, priority: 2}]',
    ],
    [
      'a unit is one with and without its suffix',
      'services: {enable: [ssh, a.timer], disable: [b], mask: [c.service]}',
      'services: {enable: [ssh.service], disable: [b.service], mask: [c]}',
      'services: {enable: [ssh, a.timer], disable: [b], mask: [c]}',
    ],
  ])('%s', (_name, included, own, expected) => {
    // As text, so that order counts.
    expect(renderSpec(merged(included, own))).toBe(renderSpec(parseSpec(`${BASE}${expected}`, 's.yaml')));
  });

  it.each<[string, string, string]>([
    ['layers: [vim, "less:i386", nano=1]', 'remove: [vim, less]', 'layers: [nano=1]\nremove: [vim, less]'],
    [
      'layers: [vim, nano]',
      'overrides: [{package: vim, remove: true}]',
      'layers: [nano]\noverrides: [{package: vim, remove: true}]',
    ],
    [
      'remove: [vim, less, nano, ed]',
      'layers: ["vim:i386"]\nholds: [less]\noverrides: [{package: nano, suite: sid}]',
      'remove: [ed]\nlayers: ["vim:i386"]\nholds: [less]\noverrides: [{package: nano, suite: sid}]',
    ],
    ['overrides: [{package: vim, version: "1"}]\nholds: [vim]', 'remove: [vim]', 'remove: [vim]'],
    ['overrides: [{package: vim, remove: true}]', 'layers: [vim]', 'layers: [vim]'],
    [
      'layers: ["https://h/a.deb#sha256=HASH"]',
      'remove: [https]',
      'layers: ["https://h/a.deb#sha256=HASH"]\nremove: [https]',
    ],
    [
      'services: {enable: [ssh, cron], mask: [b]}',
      'services: {mask: [ssh.service], enable: [b]}',
      'services: {enable: [cron, b], mask: [ssh]}',
    ],
  ])('%s is undone by %s', (included, own, expected) => {
    const hashed = (text: string) => text.replaceAll('HASH', '0'.repeat(64));
    expect(renderSpec(merged(hashed(included), own))).toBe(
      renderSpec(parseSpec(`${BASE}${hashed(expected)}`, 's.yaml')),
    );
  });
});

describe('several files', () => {
  it('come in the order of the list, each after what it includes', () => {
    const spec = load({
      '/srv/own.yaml': 'include: [a.yaml, sub/b.yaml]\nlayers: [own1]\nname: own',
      '/srv/a.yaml': `${BASE}name: a\nversion: a\nlayers: [a1]`,
      '/srv/sub/b.yaml': 'include: [../c.yaml]\nversion: b\nlayers: [b1]',
      '/srv/c.yaml': 'base-image: apt://forky\nversion: c\nlayers: [c1, a1=2]',
    });
    expect(spec).toMatchObject({ name: 'own', version: 'b', baseImage: { kind: 'apt', suite: 'forky' } });
    expect(spec.layers.map(renderPackageRequest)).toEqual(['a1=2', 'c1', 'b1', 'own1']);
  });

  it('have paths relative to their own directories', () => {
    const paths = (name: string) => `
layers: [./${name}.deb]
overrides: [{package: ${name}1, with: ./1.deb}, {package: ${name}2, with: [./2.deb]}]
files: [{path: /etc/${name}, source: f}]
scripts: [{name: ${name}, source: s, inputs: [../i]}]
repositories: [{name: ${name}, uris: [http://x], suites: [./], signed-by: k}]`;
    const spec = load({
      '/srv/own.yaml': `include: [/opt/x/in.yaml]${paths('own')}`,
      '/opt/x/in.yaml': `${BASE}bootstrap: {keyring: keys}${paths('in')}`,
    });
    expect(spec.bootstrap.keyring).toBe('/opt/x/keys');
    expect(spec.layers).toEqual([
      { kind: 'file', path: '/opt/x/in.deb' },
      { kind: 'file', path: '/srv/own.deb' },
    ]);
    expect(spec.overrides).toMatchObject([
      { debs: [{ path: '/opt/x/1.deb' }] },
      { debs: [{ path: '/opt/x/2.deb' }] },
      { debs: [{ path: '/srv/1.deb' }] },
      { debs: [{ path: '/srv/2.deb' }] },
    ]);
    expect(spec.files).toMatchObject([{ source: '/opt/x/f' }, { source: '/srv/f' }]);
    expect(spec.scripts).toMatchObject([
      { source: '/opt/x/s', inputs: ['/opt/i'] },
      { source: '/srv/s', inputs: ['/i'] },
    ]);
    expect(spec.repositories).toMatchObject([
      { signedBy: { path: '/opt/x/k' } },
      { signedBy: { path: '/srv/k' } },
    ]);
  });

  it('may both include a third one', () => {
    const files = {
      '/srv/own.yaml': 'include: [a.yaml, b.yaml]',
      '/srv/a.yaml': 'include: [c.yaml]',
      '/srv/b.yaml': 'include: [c.yaml]',
      '/srv/c.yaml': `${BASE}layers: [c1]`,
    };
    expect(load(files).layers).toHaveLength(1);
  });
});

it('reads a file that stands alone as parseSpec does, modes, controls and aliases included', () => {
  const text = `${BASE}layers: &l [vim]\nfiles: [{path: /etc/a, content: "\\x7f\\u2028\\ud83d\\ude00", mode: 0600}]\nremove: [ed]\nholds: *l\n`;
  expect(load({ '/srv/own.yaml': text })).toEqual(parseSpec(text, 's.yaml'));
});

describe('the base image', () => {
  it('may be that of any file', () => {
    const files = { '/srv/own.yaml': `include: [in.yaml]\n${BASE}`, '/srv/in.yaml': 'layers: [a1]' };
    expect(load(files)).toMatchObject({ baseImage: { suite: 'trixie' }, layers: [{ name: 'a1' }] });
  });
});

describe('mistakes', () => {
  const included = (text: string): Files => ({
    '/srv/own.yaml': 'include: [in.yaml]\n',
    '/srv/in.yaml': text,
  });
  it.each<[string, Files, string, unknown]>([
    [
      'in the file',
      { '/srv/own.yaml': `${BASE}x: 1` },
      'SPEC_INVALID',
      '/srv/own.yaml:2:1: x: there is no such key',
    ],
    [
      'in an included one',
      included(`${BASE}\nx: 1`),
      'SPEC_INVALID',
      '/srv/in.yaml:3:1: x: there is no such key',
    ],
    [
      'in the form of an included one',
      included('a: [b\nc: d'),
      'SPEC_INVALID',
      '/srv/in.yaml:2:1: not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a file that is not there', included('include: [c.yaml]'), 'NOT_FOUND', '/srv/c.yaml is not there'],
    [
      'no base image in any of them',
      { '/srv/own.yaml': 'include: [in.yaml]', '/srv/in.yaml': 'name: a' },
      'SPEC_INVALID',
      '/srv/own.yaml with what it includes:1:1: base-image: this key is missing',
    ],
    [
      'an empty list',
      { '/srv/own.yaml': `${BASE}include: []` },
      'SPEC_INVALID',
      '/srv/own.yaml:2:10: include: the list is empty',
    ],
    [
      'a file twice',
      { '/srv/own.yaml': `${BASE}include: [a, a]` },
      'SPEC_INVALID',
      '/srv/own.yaml:2:14: include.1: a is in the list already, as entry 1',
    ],
    [
      'itself',
      { '/srv/own.yaml': `${BASE}include: [../srv/own.yaml]` },
      'SPEC_INVALID',
      'files include each other: /srv/own.yaml > /srv/own.yaml',
    ],
    [
      'a circle',
      included('include: [own.yaml]'),
      'SPEC_INVALID',
      'files include each other: /srv/own.yaml > /srv/in.yaml > /srv/own.yaml',
    ],
    [
      'only in what comes of both',
      {
        '/srv/own.yaml': `include: [in.yaml]\nfiles: [{path: /etc/a, content: ${'x'.repeat(600_000)}}]`,
        '/srv/in.yaml': `${BASE}files: [{path: /etc/b, content: ${'x'.repeat(600_000)}}]`,
      },
      'SPEC_INVALID',
      expect.stringMatching(
        /^\/srv\/own\.yaml with what it includes:1:1: the file has 1200\d{3} bytes; a spec has 1048576/,
      ),
    ],
  ])('%s', (_name, files, code, message) => {
    expect(failure(files)).toMatchObject({ code, message });
  });

  it('names the entry of `include` to take out of a circle', () => {
    expect(failure(included('include: [./own.yaml]')).hint).toBe(
      'take ./own.yaml out of `include` of /srv/in.yaml',
    );
  });

  it('bounds depth', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`/srv/${index}.yaml`, `include: [${index + 1}.yaml]`]),
    );
    expect(failure({ ...chain, '/srv/own.yaml': 'include: [0.yaml]' }).message).toMatch(
      /^files include files more than 16 deep: .*\/srv\/14\.yaml > \/srv\/15\.yaml$/,
    );
    const deepest = { ...chain, '/srv/own.yaml': 'include: [0.yaml]', '/srv/14.yaml': BASE };
    expect(load(deepest).baseImage).toEqual({ kind: 'apt', suite: 'trixie' });
  });

  it('bounds how many files are read, however they multiply', () => {
    const fan = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [
        `/srv/${index}.yaml`,
        `include: [${index + 1}.yaml, ./${index + 1}.yaml, ././${index + 1}.yaml]`,
      ]),
    );
    const error = failure({ ...fan, '/srv/12.yaml': BASE, '/srv/own.yaml': 'include: [0.yaml]' });
    expect(error).toMatchObject({
      code: 'SPEC_INVALID',
      message: '/srv/own.yaml includes more than 256 files',
    });
  });

  it('keeps the name that was given', () => {
    const read = () => Buffer.from('x: 1');
    expect(() => loadSpec(read, 'here.yaml')).toThrow(/^here\.yaml:1:1: /);
  });
});
