import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { execute, must } from '../support/command.ts';
import { loopFileSystem } from '../support/loop-file-system.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayer, aptLayerMust, startAptLayer } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories, stateOf } from '../support/system.ts';

let repository: Archive;
let system: LocalSystem;
let sysroot: string;

beforeAll(async () => {
  repository = await archive([
    { name: 'good', files: { '/usr/share/good/file': 'good'.repeat(100) } },
    {
      name: 'large',
      files: { '/usr/share/large/file': Buffer.alloc(300 * 1024 * 1024, 'l') },
      compression: 'gzip',
    },
    { name: 'slow', files: { '/usr/share/slow': 's'.repeat(100) }, scripts: { postinst: 'sleep 8' } },
    { name: 'needs-nothing-there', depends: ['not-in-the-archive'] },
  ]);
  system = await localSystem(repository);
  sysroot = await system.copy('bad');
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

interface Refusal {
  readonly code: number;
  readonly says: readonly (string | RegExp)[];
}

/** Runs the program twice, for people and for programs: both are refused alike, and nothing changes. */
async function refused(args: readonly string[], refusal: Refusal, at = sysroot): Promise<void> {
  const before = stateOf(at);
  const text = await aptLayer(at, args);
  expect(text.stderr).not.toMatch(/^\s+at |ended with exit code/m);
  for (const expected of refusal.says) expect(text.stderr).toMatch(expected);
  expect(text.code).toBe(refusal.code);
  const json = await aptLayer(at, ['--json', ...args]);
  expect(json.code).toBe(refusal.code);
  const { error } = json.json() as { error: { code: string; message: string } };
  expect(error.message.length).toBeGreaterThan(5);
  expect(stateOf(at)).toBe(before);
}

const compose = (name: string, text: string) => ['compose', 'tree', system.spec(name, text), '--no-deploy'];
const repository1 = (changes: (text: string) => string) =>
  `base-image: local://min\nlayers: [good]\n${changes(repositories(repository))}`;

describe('packages', () => {
  it('that nobody has: all are named', () =>
    refused(['layer', 'no-such-one', 'good', 'nor-this'], {
      code: 5,
      says: [/no-such-one/, /nor-this/, /hint:.*spelling/],
    }));
  it('whose dependencies are missing', () =>
    refused(['layer', 'needs-nothing-there'], { code: 5, says: [/not-in-the-archive/] }));
  it('that are not named as packages', () =>
    refused(['layer', 'Not_A_Package'], { code: 2, says: [/Not_A_Package/] }));
  it('to drop that are not layered', () => refused(['unlayer', 'vim'], { code: 1, says: [/vim/] }));
});

describe('archives', () => {
  it('that cannot be reached', () =>
    refused(
      compose(
        'closed',
        repository1(text => text.replace(/uris: .*/, 'uris: ["http://127.0.0.1:9/debian"]')),
      ),
      {
        code: 7,
        says: [/127\.0\.0\.1:9/],
      },
    ));
  it('that are not signed', async () => {
    await using unsigned = await archive([{ name: 'good' }], { signing: 'none' });
    await refused(compose('unsigned', `base-image: local://min\nlayers: [good]\n${repositories(unsigned)}`), {
      code: 6,
      says: [/signed/, /hint:/],
    });
  });
  it('that are signed by another key', async () => {
    await using other = await archive([{ name: 'good' }], { signing: 'other-key' });
    await refused(compose('other', `base-image: local://min\nlayers: [good]\n${repositories(other)}`), {
      code: 6,
      says: [/key/i],
    });
  });
  it('behind a page that wants a login', async () => {
    await using behind = await archive([{ name: 'good' }]);
    const body = Buffer.from('<!DOCTYPE html>\n<html><body>Welcome to the hotel</body></html>\n');
    behind.server.fault(/InRelease$/, { body });
    await refused(compose('portal', `base-image: local://min\nlayers: [good]\n${repositories(behind)}`), {
      code: 7,
      says: [/a web page came in place of \S+InRelease/, /hint: the network may want a login/],
    });
  });
  it('whose suite is misspelt', () =>
    refused(compose('misspelt', 'base-image: apt://trixi\n'), { code: 5, says: [/trixi\b/, /trixie/] }));
});

describe('specs', () => {
  const cases: [string, string, Refusal][] = [
    ['a tab', 'base-image: local://min\nfiles:\n\t- x\n', { code: 3, says: [/tab.yaml:3:1: .*tab/i] }],
    [
      'a duplicate key',
      'base-image: local://min\nname: a\nname: b\n',
      { code: 3, says: [/duplicate-key.yaml:3:1: .*name/] },
    ],
    [
      'an unknown key',
      'base-image: local://min\nlayer: [vim]\n',
      { code: 3, says: [/unknown-key.yaml:2:1: layer/, /`layers`/] },
    ],
    ['no base', 'name: a\n', { code: 3, says: [/base-image/] }],
    ['an unknown base', 'base-image: local://nowhere\n', { code: 1, says: [/nowhere/, /image ls|min/] }],
  ];
  it.each(cases)('%s', (name, text, refusal) =>
    refused(compose(name.replace(/^an? /, '').replace(' ', '-'), text), refusal),
  );
  it('that do not exist', () =>
    refused(['compose', 'tree', '/no/such.yaml'], { code: 1, says: [/\/no\/such\.yaml does not exist/] }));
  it('that are a directory', () =>
    refused(['compose', 'tree', '/etc'], { code: 1, says: [/\/etc is a directory/] }));
});

describe('the machine', () => {
  it('without root', async () => {
    const argv = [
      '--reuid',
      '65534',
      '--clear-groups',
      process.execPath,
      `${CHECKOUT}/bin/apt-layer`,
      '--sysroot',
      sysroot,
    ];
    const result = await execute('setpriv', [...argv, 'layer', 'good'], { timeoutMs: 60_000 });
    expect(result.stderr).toMatch(/root/);
    expect(result.code).toBe(1);
    expect((await execute('setpriv', [...argv, 'status'], { timeoutMs: 60_000 })).code).toBe(0);
  });

  it('with a sysroot of a newer version', async () => {
    const newer = await system.copy('newer');
    fs.writeFileSync(`${newer}/state/version`, JSON.stringify({ version: 99 }));
    await refused(['layer', 'good'], { code: 3, says: [/newer|99/] }, newer);
  });

  it('with a damaged image', async () => {
    const damaged = await system.copy('damaged');
    const image = fs.realpathSync(`${damaged}/composefs/images/refs/base/min`);
    const bytes = fs.readFileSync(image);
    bytes[5000] = (bytes[5000] ?? 0) ^ 1;
    fs.writeFileSync(image, bytes);
    await refused(['layer', 'good'], { code: 6, says: [/damaged/, /fsck/] }, damaged);
    expect((await aptLayer(damaged, ['fsck'])).code).toBe(6);
  });

  it('with no deployment yet', () =>
    refused(
      ['layer', 'good'],
      { code: 1, says: [/no deployment/, /compose tree/] },
      system.directory.join('empty'),
    ));

  it('with a dry run on a base that is not there: nothing is bootstrapped', () =>
    refused(['compose', 'tree', '-n', system.spec('dry', 'base-image: apt://trixie\n')], {
      code: 1,
      says: [/apt:\/\/trixie is not in the store yet/, /compose validate/],
    }));

  it('with a dry run: it says what would come, and nothing is changed', async () => {
    const before = stateOf(sysroot);
    const result = await aptLayer(sysroot, ['layer', '-n', 'good']);
    expect(result.stdout).toMatch(/good 1\.0[\s\S]*Nothing was changed/);
    expect(result.code).toBe(0);
    expect(stateOf(sysroot)).toBe(before);
  });

  it('with a full disk: the old system stays and works', async () => {
    await using disk = await loopFileSystem('ext4', 420 * 1024 * 1024);
    const small = `${disk.path}/sysroot`;
    await must('cp', ['--archive', system.pristine, small]);
    const before = stateOf(small);
    const result = await aptLayer(small, ['layer', 'large']);
    expect(result.stderr).toMatch(/space/i);
    expect(result.code).toBe(1);
    expect(stateOf(small)).toBe(before);
    await aptLayerMust(small, ['layer', 'good']);
    expect((await aptLayer(small, ['fsck'])).code).toBe(0);
  });

  it('with two runs at once: the second names the first', async () => {
    const busy = await system.copy('busy');
    await using first = startAptLayer(busy, ['layer', 'slow']);
    await first.waitFor(/configure/);
    const second = await aptLayer(busy, ['layer', 'good']);
    expect(second.code).toBe(75);
    expect(second.stderr).toMatch(new RegExp(`layer.*${first.pid}`));
    expect(second.stderr).toMatch(/--wait/);
    const waiting = await aptLayer(busy, ['layer', 'good', '--wait', '60']);
    expect(waiting.code).toBe(0);
    expect((await first.ended).code).toBe(0);
  });
});
