import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../../errors/index.ts';
import { loadSpec, type Problem, parseSpec } from './index.ts';

const BASE = 'base-image: apt://trixie\n';

function failure(action: () => unknown): AptLayerError {
  try {
    action();
  } catch (error) {
    if (error instanceof AptLayerError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const problems = (text: string | Buffer): readonly Problem[] =>
  failure(() => parseSpec(text, 's.yaml')).details?.['errors'] as readonly Problem[];

const KEY = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZ\n-----END PGP PUBLIC KEY BLOCK-----\n';

/** What the other keys mean when they are not there. */
const DEFAULTS = {
  overrides: [],
  multiArch: { enabled: false, architectures: [], packages: [] },
  metadata: { preservePermissions: true },
  maintainerScripts: { validationMode: 'warn', forbiddenActions: [] },
  layerPolicies: [],
  pins: [],
  holds: [],
  recommends: true,
  kernelArguments: [],
  initramfs: { modules: [] },
  security: { verity: 'prefer', vex: [] },
  users: [],
  groups: [],
  debconf: [],
  scripts: [],
  labels: {},
};

describe('parseSpec', () => {
  it('fills in every default', () => {
    expect(parseSpec(BASE, 's.yaml')).toEqual({
      baseImage: { kind: 'apt', suite: 'trixie' },
      bootstrap: { variant: 'minbase' },
      layers: [],
      files: [],
      services: { enable: [], disable: [], mask: [] },
      repositories: [],
      remove: [],
      ...DEFAULTS,
    });
  });

  it('reads every key', () => {
    const text = `
name: web
version: "1.10"
base-image: "local://debian/13"
bootstrap:
  mirror: http://mirror.example.org/debian
  security-mirror: http://security.example.org/debian-security
  components: [main, non-free-firmware]
  variant: important
  keyring: keys/archive.gpg
  suites: [trixie-updates]
layers: [vim, libc6:i386, 'g++', vim-tiny=2:9.1.0-1~deb13u1, less/trixie-backports, gcc:arm64=4:14-1, ./a.deb, /b/c.deb]
files:
  - {path: /etc/a, content: "a\\n"}
  - {path: /etc/b, source: ./b, mode: 0600, owner: www-data, group: 33}
  - {path: /etc/c, link: ../c}
  - {path: /etc/d, directory: true, mode: "2775"}
services:
  enable: [ssh, fstrim.timer, "getty@tty1"]
  disable: [cron.service]
  mask: [systemd-timesyncd]
repositories:
  - name: docker
    uris: [https://download.docker.com/linux/debian]
    suites: [trixie]
    components: [stable]
    architectures: [amd64]
    signed-by: |
${KEY.replace(/^/gm, '      ')}
  - name: flat
    types: [deb, deb-src]
    uris: [file:///srv/repo]
    suites: [./]
    check-valid-until: false
    signed-by: key.asc
remove: [nano]
`;
    expect(parseSpec(Buffer.from(text), 's.yaml')).toEqual({
      name: 'web',
      version: '1.10',
      baseImage: { kind: 'local', ref: 'debian/13' },
      bootstrap: {
        mirror: 'http://mirror.example.org/debian',
        securityMirror: 'http://security.example.org/debian-security',
        components: ['main', 'non-free-firmware'],
        variant: 'important',
        keyring: 'keys/archive.gpg',
        suites: ['trixie-updates'],
      },
      layers: [
        { kind: 'name', name: 'vim' },
        { kind: 'name', name: 'libc6', architecture: 'i386' },
        { kind: 'name', name: 'g++' },
        { kind: 'version', name: 'vim-tiny', version: '2:9.1.0-1~deb13u1' },
        { kind: 'suite', name: 'less', suite: 'trixie-backports' },
        { kind: 'version', name: 'gcc', architecture: 'arm64', version: '4:14-1' },
        { kind: 'file', path: './a.deb' },
        { kind: 'file', path: '/b/c.deb' },
      ],
      files: [
        { kind: 'content', path: '/etc/a', content: 'a\n', mode: 0o644, owner: 'root', group: 'root' },
        { kind: 'source', path: '/etc/b', source: './b', mode: 0o600, owner: 'www-data', group: 33 },
        { kind: 'link', path: '/etc/c', target: '../c' },
        { kind: 'directory', path: '/etc/d', mode: 0o2775, owner: 'root', group: 'root' },
      ],
      services: {
        enable: ['ssh.service', 'fstrim.timer', 'getty@tty1.service'],
        disable: ['cron.service'],
        mask: ['systemd-timesyncd.service'],
      },
      repositories: [
        {
          name: 'docker',
          types: ['deb'],
          uris: ['https://download.docker.com/linux/debian'],
          suites: ['trixie'],
          components: ['stable'],
          architectures: ['amd64'],
          signedBy: { kind: 'inline', key: KEY },
        },
        {
          name: 'flat',
          types: ['deb', 'deb-src'],
          uris: ['file:///srv/repo'],
          suites: ['./'],
          components: [],
          checkValidUntil: false,
          signedBy: { kind: 'file', path: 'key.asc' },
        },
      ],
      remove: ['nano'],
      ...DEFAULTS,
    });
  });

  it.each([
    ['mode: 0644', 0o644],
    ['mode: 644', 0o644],
    ['mode: 0o644', 0o644],
    ['mode: "0644"', 0o644],
    ['mode: 4755', 0o4755],
  ])('reads %s as octal', (mode, expected) => {
    const spec = parseSpec(`${BASE}files: [{path: /a, content: x, ${mode}}]`, 's.yaml');
    expect(spec.files[0]).toMatchObject({ mode: expected });
  });

  it('takes a byte order mark, CRLF and aliases', () => {
    const text = '\ufeffbase-image: apt://trixie\r\nlayers: &l\r\n  - vim\r\nremove: [nano]\r\n';
    expect(parseSpec(text, 's.yaml').layers).toHaveLength(1);
    const aliased = parseSpec(
      `${BASE}services: {enable: &u [a, b]}\nbootstrap: {components: *u}\n`,
      's.yaml',
    );
    expect(aliased.bootstrap.components).toEqual(['a', 'b']);
  });

  it('says everything at once, in the order of the file', () => {
    const error = failure(() =>
      parseSpec('version: 1.10\nlayres: [vim]\nbase-image: apt:trixie\n', 'x/s.yaml'),
    );
    expect(error.code).toBe('SPEC_INVALID');
    expect(error.exitCode).toBe(3);
    expect(error.message.split('\n')).toEqual([
      'x/s.yaml:1:10: version: this must be text, not the number 1.10 (quote it: "1.10")',
      'x/s.yaml:2:1: layres: there is no such key (did you mean `layers`?)',
      'x/s.yaml:3:13: base-image: "apt:trixie" is not a base image (write apt://SUITE, local://REF, oci://REF or containerfile:PATH)',
    ]);
    expect(error.details?.['errors']).toMatchObject([
      { kind: 'type', file: 'x/s.yaml', line: 1, column: 10, path: 'version', hint: 'quote it: "1.10"' },
      { kind: 'unknown-key', line: 2, column: 1, path: 'layres', hint: 'did you mean `layers`?' },
      { kind: 'value', line: 3, column: 13, path: 'base-image' },
    ]);
  });

  it('puts the hint of a single mistake where hints are', () => {
    const error = failure(() => parseSpec(`${BASE}layres: []`, 's.yaml'));
    expect(error.message).toBe('s.yaml:2:1: layres: there is no such key');
    expect(error.hint).toBe('did you mean `layers`?');
  });
});

describe('examples', () => {
  const directory = new URL('../../../examples/', import.meta.url);
  it.each(readdirSync(directory).filter(name => name.endsWith('.yaml')))('%s is valid', name => {
    const { pathname } = new URL(name, directory);
    expect(loadSpec(path => readFileSync(path), pathname).layers.length).toBeGreaterThan(0);
  });
});

describe('hostile input', () => {
  it('never crashes on bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        expect(failure(() => parseSpec(Buffer.from(bytes), 's.yaml')).code).toBe('SPEC_INVALID');
      }),
    );
  });

  it('never crashes on text that is nearly a spec', () => {
    const piece = fc.constantFrom(
      ...[
        'base-image',
        'layers',
        'files',
        ': ',
        '- ',
        '\n',
        '  ',
        '[',
        ']',
        '{',
        '}',
        ',',
        '&a ',
        '*a',
        '"',
        "'",
      ],
      ...[
        '|\n',
        '>',
        '#',
        '? ',
        '!!str ',
        '%YAML 1.1\n',
        '---\n',
        '...\n',
        '\t',
        '0x1',
        '__proto__',
        'apt://x',
        '\\',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), pieces => {
        try {
          parseSpec(pieces.join(''), 's.yaml');
        } catch (error) {
          expect(error).toBeInstanceOf(AptLayerError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['many lists', '['.repeat(1000), /nested more than 32 deep/],
    ['deep maps', '{a: '.repeat(1000), /nested more than 32 deep/],
    ['deep blocks', '- '.repeat(1000), /nested more than 32 deep/],
    ['too many tokens', 'a:\n'.repeat(100_000), /more than 100000 YAML tokens/],
    ['too many bytes', `a: ${'x'.repeat(2 ** 20)}`, /1048576 at most/],
    ['a list in itself', `${BASE}layers: &a [*a]`, /nested more than 32 deep/],
    ['a bomb', BASE + bomb(), /more than 200000 values/],
  ])('bounds %s', (_name, text, reason) => {
    expect(problems(text).filter(problem => reason.test(problem.reason))).toHaveLength(1);
  });
});

/** Nine levels of nine aliases each: 9^9 values. */
function bomb(): string {
  const levels = ['a: &l0 [x]'];
  for (let level = 1; level < 10; level++)
    levels.push(
      `k${level}: &l${level} [${Array(9)
        .fill(`*l${level - 1}`)
        .join(', ')}]`,
    );
  return levels.join('\n');
}
