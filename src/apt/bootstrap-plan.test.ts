import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../host/index.ts';
import type { ProgressEvent } from '../report/index.ts';
import { createSys } from '../sys/index.ts';
import { type BootstrapRequest, bootstrapKey, planBootstrap } from './bootstrap-plan.ts';

let root: string;
let events: ProgressEvent[];
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'plan-'));
  events = [];
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const put = (name: string, text: string) => {
  fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  fs.writeFileSync(path.join(root, name), text);
};
const plan = (request: Partial<BootstrapRequest>) => {
  put('key.gpg', '\x99key');
  const host = {
    sys: createSys(),
    architecture: 'amd64',
    report: { emit: event => void events.push(event) },
  } as Partial<Host>;
  return planBootstrap(host as Host, {
    suite: 'trixie',
    keyring: path.join(root, 'key.gpg'),
    hostRoot: root,
    ...request,
  });
};
/** `URI SUITES COMPONENTS` of each source. */
const summary = (request: Partial<BootstrapRequest>) =>
  plan(request).sources.map(source =>
    [...source.uris, source.suites.join(','), source.components.join(',')].join(' '),
  );

const BOOKWORM = 'ID=debian\nVERSION_CODENAME="bookworm"\n';
const SOURCES = `Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main non-free-firmware
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main non-free-firmware
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;

describe('from the host', () => {
  beforeEach(() => put('etc/os-release', BOOKWORM));

  it('turns its sources to the suite and leaves other vendors out', () => {
    put('etc/apt/sources.list.d/debian.sources', SOURCES);
    put('etc/apt/sources.list.d/docker.list', 'deb https://vendor.example/linux/debian bookworm stable\n');
    put(
      'etc/apt/sources.list.d/vendor.list',
      'deb [signed-by=/etc/v.gpg] https://vendor.example/debian bookworm main\n',
    );
    put('etc/apt/sources.list.d/deep.list', 'deb https://vendor.example/product/6/debian bookworm main\n');
    expect(summary({})).toEqual([
      'http://mirror.example/debian trixie,trixie-updates main,non-free-firmware',
      'http://mirror.example/debian-security trixie-security main,non-free-firmware',
    ]);
    expect(summary({ suite: 'sid' })).toEqual(['http://mirror.example/debian sid main,non-free-firmware']);
    expect(summary({ components: ['main'], suites: [] })).toEqual([
      'http://mirror.example/debian trixie main',
    ]);
    expect(summary({ suites: ['trixie-backports'] })).toEqual([
      'http://mirror.example/debian trixie,trixie-backports main,non-free-firmware',
    ]);
  });

  it('reads one-line sources, lists of mirrors, and says what is broken', () => {
    put(
      'etc/apt/sources.list',
      'deb mirror+file:/etc/mirrors.list bookworm main\nnonsense\ndeb [arch=i386] http://other.example/debian bookworm main\n',
    );
    put(
      'etc/mirrors.list',
      '# comment\nhttp://first.example/debian\tpriority:1\nhttp://second.example/debian\n',
    );
    expect(summary({})).toEqual(['http://first.example/debian trixie main']);
    expect(events).toMatchObject([{ level: 'warning', text: expect.stringContaining('sources.list:2: ') }]);
  });

  it('keeps the options that hold for the mirror', () => {
    put(
      'etc/apt/sources.list',
      'deb [check-valid-until=no lang=none] http://m.example/debian bookworm main\n',
    );
    expect(plan({}).sources[0]?.options).toEqual({ 'check-valid-until': 'no' });
  });

  it('refuses a source that asks not to be verified', () => {
    put('etc/apt/sources.list', 'deb [trusted=yes] http://m.example/debian bookworm main\n');
    expect(() => plan({})).toThrow(/sources\.list:1: the source has trusted=yes/);
    expect(() => plan({})).toThrow(expect.objectContaining({ code: 'SIGNATURE' }));
  });

  it.each([
    ['noble', /runs debian, not Ubuntu/, /bootstrap: \{ mirror: "http/],
    ['trixie', /name no Debian archive/, /bootstrap\.mirror/],
    ['trixy', /name no Debian archive/, /did you mean apt:\/\/trixie/],
  ])('asks for a mirror for %s', (suite, message, hint) => {
    expect(() => plan({ suite })).toThrow(message);
    expect(() => plan({ suite })).toThrow(
      expect.objectContaining({ code: 'SPEC_INVALID', hint: expect.stringMatching(hint) }),
    );
  });

  it('leaves a name nobody knows to the archive', () => {
    put('etc/apt/sources.list', 'deb http://m.example/debian bookworm main\n');
    expect(summary({ suite: 'duke' })).toEqual(['http://m.example/debian duke main']);
  });
});

describe('from a mirror', () => {
  it.each<[Partial<BootstrapRequest>, string[]]>([
    [
      { mirror: 'http://m.example/debian/' },
      [
        'http://m.example/debian/ trixie,trixie-updates main',
        'http://m.example/debian-security trixie-security main',
      ],
    ],
    [{ mirror: 'http://m.example/debian', suite: 'sid' }, ['http://m.example/debian sid main']],
    [{ mirror: 'http://m.example/repository' }, ['http://m.example/repository trixie main']],
    [
      { mirror: 'http://m.example/r', securityMirror: 'http://s.example/r' },
      ['http://m.example/r trixie main', 'http://s.example/r trixie-security main'],
    ],
    [
      { mirror: 'http://m.example/debian', suites: ['trixie-backports'], components: ['main', 'contrib'] },
      ['http://m.example/debian trixie,trixie-backports main,contrib'],
    ],
    [
      { mirror: 'http://m.example/ubuntu', suite: 'noble' },
      [
        'http://m.example/ubuntu noble,noble-updates main,universe',
        'http://m.example/ubuntu noble-security main,universe',
      ],
    ],
    [{ mirror: 'file:/srv/archive', suite: 'mine' }, ['file:/srv/archive mine main']],
  ])('%j', (request, expected) => {
    expect(summary(request)).toEqual(expected);
  });

  it.each<[Partial<BootstrapRequest>]>([
    [{ suite: '--hook=x' }],
    [{ suite: '../x' }],
    [{ suite: 'a b' }],
    [{ suite: '' }],
    [{ mirror: 'example.org' }],
    [{ mirror: 'http://a b/' }],
    [{ mirror: 'http://a/', components: ['main\nTrusted: yes'] }],
  ])('refuses %j', request => {
    expect(() => plan(request)).toThrow(expect.objectContaining({ code: 'SPEC_INVALID' }));
  });

  it('needs a keyring', () => {
    const request = { mirror: 'http://m.example/debian', keyring: '/nonexistent/k.gpg' };
    expect(() => plan(request)).toThrow(expect.objectContaining({ code: 'SIGNATURE' }));
  });
});

it('has a key that changes with what matters', () => {
  const request = { mirror: 'http://m.example/debian' };
  const key = bootstrapKey(plan(request));
  expect(bootstrapKey(plan(request))).toBe(key);
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  for (const other of [
    { suite: 'forky' },
    { variant: 'standard' },
    { mirror: 'http://n.example/debian' },
    { components: ['main', 'contrib'] },
  ] as const)
    expect(bootstrapKey(plan({ ...request, ...other }))).not.toBe(key);
  const changed = plan(request);
  expect(bootstrapKey({ ...changed, keyring: { ...changed.keyring, sha256: '0' } })).not.toBe(key);
});
