import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem } from '../support/system.ts';

const entry = (version: string, text: string) =>
  `tool (${version}) test; urgency=medium\n\n  * ${text}\n\n -- A B <a@example.org>  Mon, 01 Jan 2024 00:00:00 +0000\n\n`;

const tool = (version: string, kilobytes: number, changelog: string) => ({
  name: 'tool',
  version,
  files: {
    '/usr/share/tool': version,
    '/usr/share/doc/tool/changelog.Debian.gz': gzipSync(changelog),
  },
  fields: { 'Installed-Size': String(kilobytes) },
});

let repository: Archive;
let system: LocalSystem;
let sysroot: string;

beforeAll(async () => {
  repository = await archive([tool('1', 100, entry('1', 'first')), { name: 'other' }]);
  system = await localSystem(repository);
  sysroot = await system.copy('db');
  await aptLayerMust(sysroot, ['layer', 'tool', 'other']);
  await repository.publish([
    tool('3', 300, `${entry('3', '\x1b[31mthird')}${entry('2', 'second')}${entry('1', 'first')}`),
    { name: 'further', fields: { 'Installed-Size': '10' } },
  ]);
  await aptLayerMust(sysroot, ['unlayer', 'tool', 'other']);
  await aptLayerMust(sysroot, ['layer', '--refresh', 'tool', 'further']);
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

interface Listed {
  readonly id: string | null;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

describe('db list', () => {
  const list = async (...words: string[]) =>
    (await aptLayerMust(sysroot, ['db', 'list', ...words, '--json'])).json() as Listed;

  it('has all that dpkg knows of the deployment', async () => {
    const { packages } = await list();
    const known = (
      await aptLayerMust(sysroot, ['run', '--', 'dpkg-query', '-W', '-f', `\${Package}=\${Version}\n`])
    ).stdout;
    expect(packages.map(({ name, version }) => `${name}=${version}`)).toEqual(
      known
        .split('\n')
        .filter(line => line !== '')
        .sort(),
    );
    expect(packages.find(({ name }) => name === 'tool')).toEqual({
      name: 'tool',
      version: '3',
      architecture: 'all',
      installedBytes: 300 * 1024,
      source: 'tool',
      summary: 'test package tool',
    });
  });

  it('takes a deployment, and patterns', async () => {
    const names = (listed: Listed) => listed.packages.map(one => one.name);
    expect(names(await list('2', 'tool', 'oth*'))).toEqual(['other', 'tool']);
    expect(names(await list('tool', 'oth*'))).toEqual(['tool']);
    expect((await list('local://min', 'bas*')).id).toBeNull();
  });

  it('has three columns for people', async () => {
    expect((await aptLayerMust(sysroot, ['db', 'list', 'tool'])).stdout).toBe(
      'NAME  VERSION  ARCH\ntool  3        all\n',
    );
  });

  it('says when nothing matches, and when there is no such deployment', async () => {
    expect(await aptLayer(sysroot, ['db', 'list', 'nothing-at-all'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('matches nothing-at-all'),
    });
    expect(await aptLayer(sysroot, ['db', 'list', '17'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no deployment with index 17'),
    });
  });
});

describe('db diff', () => {
  it('compares the previous deployment with the current one', async () => {
    expect((await aptLayerMust(sysroot, ['db', 'diff'])).stdout).toMatch(
      /^from .*\nto .*\nAdded:\n {2}further 1\.0\n {2}tool 3\n/,
    );
  });

  it('shows versions, sizes and changelog entries between', async () => {
    const { stdout } = await aptLayerMust(sysroot, ['db', 'diff', '2', '0', '--changelogs']);
    const [, , ...lines] = stdout.split('\n');
    expect(lines.join('\n')).toBe(
      [
        'Upgraded:',
        '  tool 1 -> 3',
        '    3 test (medium), Mon, 01 Jan 2024 00:00:00 +0000, A B <a@example.org>',
        '      * \\x1b[31mthird',
        '',
        '    2 test (medium), Mon, 01 Jan 2024 00:00:00 +0000, A B <a@example.org>',
        '      * second',
        '',
        'Removed:',
        '  other 1.0',
        'Added:',
        '  further 1.0',
        'Takes 215 kB more.',
        '',
      ].join('\n'),
    );
    expect((await aptLayerMust(sysroot, ['db', 'diff', '2', '0', '--format=diff'])).stdout).toBe(
      '+further-1.0.all\n-other-1.0.all\n!tool-1.all\n=tool-3.all\n',
    );
  });

  it('has the keys of rpm-ostree', async () => {
    const json = (await aptLayerMust(sysroot, ['db', 'diff', '2', '0', '--changelogs', '--json'])).json();
    expect(json).toMatchObject({
      schema: 1,
      'ostree-commit-from': expect.stringMatching(/^[0-9a-f]{64}$/),
      'ostree-commit-to': expect.stringMatching(/^[0-9a-f]{64}$/),
      pkgdiff: [
        ['further', 0, { NewPackage: ['further', '1.0', 'all'] }],
        ['other', 1, { PreviousPackage: ['other', '1.0', 'all'] }],
        ['tool', 2, { PreviousPackage: ['tool', '1', 'all'], NewPackage: ['tool', '3', 'all'] }],
      ],
      upgraded: [{ name: 'tool', from: '1', to: '3', installedBytesChange: 200 * 1024 }],
      downgraded: [],
      changelogs: [{ package: 'tool:all', entries: [{ version: '3' }, { version: '2' }], truncated: false }],
    });
  });

  it('says when there is no difference', async () => {
    expect((await aptLayerMust(sysroot, ['db', 'diff', '0', '0'])).stdout).toMatch(/No differences\.\n$/);
  });
});
