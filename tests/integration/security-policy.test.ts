import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { BASE_SUITE } from '../support/base.ts';
import { aptLayerConfigured } from '../support/configured.ts';
import { type LocalSystem, localSystem, repositories, stateOf } from '../support/system.ts';

const DAY_MS = 86_400_000;
const day = (fromNow: number) => new Date(Date.now() + fromNow * DAY_MS).toISOString().slice(0, 10);

let own: Archive;
let others: Archive;
let system: LocalSystem;
let data: string;

const entry = (said: object) => ({ releases: { [BASE_SUITE]: { urgency: 'high', ...said } } });
const writeData = () =>
  fs.writeFileSync(
    data,
    JSON.stringify({
      'leaky-source': {
        'CVE-2027-1001': entry({ status: 'resolved', fixed_version: '1.0-2' }),
        'CVE-2027-1002': entry({ status: 'open' }),
      },
    }),
  );

beforeAll(async () => {
  own = await archive(
    [
      { name: 'tool', version: '1', depends: ['leaky'] },
      { name: 'leaky', version: '1.0-1+b1', fields: { Source: 'leaky-source (1.0-1)' } },
      { name: 'telnetd', version: '1' },
      { name: 'harmless', version: '1' },
    ],
    { origin: 'Debian' },
  );
  others = await archive([{ name: 'strange', version: '1' }], { suite: 'others', origin: 'Example' });
  system = await localSystem(own);
  data = system.directory.join('tracker.json');
  writeData();
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await own[Symbol.asyncDispose]();
  await others[Symbol.asyncDispose]();
});

/** A spec with these layers; rules begin on its third line. */
function specOf(name: string, layers: readonly string[], rules: string): string {
  const second = repositories(others).replace('name: test', 'name: others').replace('repositories:\n', '');
  const text = `name: test\nbase-image: local://min\n${rules}layers: [${layers.join(', ')}]\n${repositories(own)}${second}`;
  return system.spec(name, text);
}
const REFUSE = 'security:\n  vulnerabilities:\n    refuse: [high]\n';
const on =
  (sysroot: string, address = data) =>
  (...words: string[]) =>
    aptLayerConfigured(`vulnerability-data: ${address}\n`, sysroot, words);

/** A refusal has exit code 5, and leaves everything as it was. */
async function refused(
  sysroot: string,
  said: RegExp,
  words: readonly string[],
  address = data,
): Promise<string> {
  const before = stateOf(sysroot);
  const result = await on(sysroot, address)(...words);
  expect([words, result.code, result.stdout, result.stderr]).toEqual([
    words,
    5,
    '',
    expect.stringMatching(said) as string,
  ]);
  expect(stateOf(sysroot)).toBe(before);
  return result.stderr;
}

describe('a spec that refuses vulnerabilities', () => {
  it('is not deployed with one that is fixed: by compose tree, layer and upgrade, nor in dry runs', async () => {
    const sysroot = await system.copy('refuses');
    const run = on(sysroot);
    const spec = specOf('refuses', ['tool'], REFUSE);
    const line =
      /refuses\.yaml:5: security\.vulnerabilities\.refuse: CVE-2027-1001 \(high\) in leaky-source 1\.0-1, fixed in 1\.0-2: leaky\n/;
    const said = await refused(sysroot, line, ['compose', 'tree', spec]);
    expect(said).toContain('add {cve: CVE-2027-1001, reason: WHY, until: YYYY-MM-DD}');
    expect(said).not.toContain('CVE-2027-1002');
    await refused(sysroot, line, ['compose', 'tree', '--dry-run', spec]);
    // Refused before anything was built.
    expect(said).not.toContain('Writing the image');
    const harmless = specOf('harmless', ['harmless'], REFUSE);
    expect(await run('compose', 'tree', harmless)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Writing the image') as string,
    });
    const byEdit = /test-[^ ]*\/spec\.yaml:\d+: security\.vulnerabilities\.refuse: CVE-2027-1001/;
    await refused(sysroot, byEdit, ['layer', 'tool']);
    await refused(sysroot, byEdit, ['upgrade', '--install', 'tool']);
    await refused(sysroot, byEdit, ['upgrade', '--preview', '--install', 'tool']);
    expect(await run('upgrade', '--check')).toMatchObject({ code: 0 });
  });

  it('is held against what was built where a lock does not say what packages are built of', async () => {
    const spec = specOf('locked', ['tool'], REFUSE);
    expect(await on(await system.copy('locks'))('compose', 'lock', spec)).toMatchObject({ code: 0 });
    const sysroot = await system.copy('locked');
    const order = () => fs.readFileSync(`${sysroot}/state/boot.json`, 'utf8');
    const before = [order(), fs.readdirSync(`${sysroot}/state/deploy`)];
    const locked = await on(sysroot)('compose', 'tree', '--locked', spec, '--ref', 'new');
    expect([locked.code, locked.stderr]).toEqual([
      5,
      expect.stringMatching(/Writing the image[\s\S]*locked\.yaml:5: .*CVE-2027-1001/) as string,
    ]);
    expect([order(), fs.readdirSync(`${sysroot}/state/deploy`)]).toEqual(before);
    expect(stateOf(sysroot)).not.toContain('base/new');
  });

  it('is not deployed for want of data, or by old data', async () => {
    const sysroot = await system.copy('blind');
    const spec = specOf('blind', ['harmless'], `${REFUSE}    max-age: 2d\n`);
    const missing = /blind\.yaml:5: .*what is not known cannot be allowed: .*\n.*cve --refresh/;
    await refused(sysroot, missing, ['compose', 'tree', spec], 'off');
    const empty = system.directory.join('empty.json');
    fs.writeFileSync(empty, '{}');
    await refused(sysroot, missing, ['compose', 'tree', spec], empty);
    expect(await on(sysroot)('cve')).toMatchObject({ code: 0 });
    const cache = `${sysroot}/cache/vulnerabilities`;
    for (const name of fs.readdirSync(cache)) {
      const state = `${cache}/${name}/state.json`;
      if (!fs.existsSync(state)) continue;
      const old = Math.floor(Date.now() / 1000) - 3 * 86_400;
      fs.writeFileSync(state, fs.readFileSync(state, 'utf8').replace(/"checked": \d+/, `"checked": ${old}`));
    }
    // A file is looked at again whatever its copy says; what is gone is not.
    fs.renameSync(data, `${data}.away`);
    await refused(sysroot, /is 3 days old, and may be 2 days old at most/, ['compose', 'tree', spec]);
    fs.renameSync(`${data}.away`, data);
    expect(await on(sysroot)('compose', 'tree', spec)).toMatchObject({ code: 0 });
  });

  it('is deployed where an exception holds, which is spoken of before it ends', async () => {
    const sysroot = await system.copy('excepts');
    const run = on(sysroot);
    const with_ = (until: string) =>
      specOf(
        'excepts',
        ['tool'],
        `${REFUSE}    except:\n      - {cve: CVE-2027-1001, reason: behind a proxy, until: ${until}}\n`,
      );
    const ended = new RegExp(
      `excepts\\.yaml:7: security\\.vulnerabilities\\.except: CVE-2027-1001 .*ended on ${day(-1)}`,
    );
    await refused(sysroot, ended, ['compose', 'tree', with_(day(-1))]);
    expect((await run('compose', 'lint', with_(day(-1)))).stdout).toContain(
      `CVE-2027-1001 ended on ${day(-1)}`,
    );
    const soon = await run('compose', 'tree', with_(day(3)));
    expect([soon.code, soon.stderr]).toEqual([
      0,
      expect.stringContaining(
        `excepts.yaml:7: the exception for CVE-2027-1001 ends with ${day(3)}`,
      ) as string,
    ]);
    expect((await run('compose', 'explain', 'leaky')).stdout).toContain(
      `CVE-2027-1001 (high) is let through until ${day(3)}: behind a proxy`,
    );
    const later = await run('compose', 'tree', with_(day(100)));
    expect(later.stderr).not.toContain('the exception for');
  });

  it('also refuses what has no fix, if asked', async () => {
    const sysroot = await system.copy('unfixed');
    const spec = specOf('unfixed', ['tool'], `${REFUSE}    unfixed: refuse\n`);
    await refused(sysroot, /CVE-2027-1002 \(high\) in leaky-source 1\.0-1, without a fix/, [
      'compose',
      'tree',
      spec,
    ]);
  });
});

describe('rules for packages and archives', () => {
  it('refuse what is denied, and what is of another archive', async () => {
    const sysroot = await system.copy('denied');
    const denied = specOf('denied', ['tool', 'telnetd'], 'security:\n  packages:\n    deny: ["telnet*"]\n');
    await refused(sysroot, /denied\.yaml:5: security\.packages\.deny: telnetd 1 is denied by telnet\*/, [
      ...['compose', 'tree', denied],
    ]);
    expect((await on(sysroot)('compose', 'lint', denied)).stdout).toContain('telnetd is denied by');
    const rule = `security:\n  archives: {allow: ["Debian/*"]}\n`;
    const strange = specOf('strange', ['harmless', 'strange'], rule);
    await refused(
      sysroot,
      /strange\.yaml:4: security\.archives\.allow: Example\/others is not allowed: strange\n/,
      [...['compose', 'tree', strange]],
    );
    // The base, which is an image, is Debian's by its records.
    expect(await on(sysroot)('compose', 'tree', specOf('debian', ['harmless'], rule))).toMatchObject({
      code: 0,
    });
    const suite = specOf('suite', ['harmless'], `security:\n  archives: {allow: ["Debian/no-such"]}\n`);
    await refused(sysroot, /Debian\/\S+ is not allowed: harmless\n/, ['compose', 'tree', suite]);
  });
});

describe('--force-policy', () => {
  it('goes on, and says who did it, and why', async () => {
    const sysroot = await system.copy('forced');
    const run = on(sysroot);
    const spec = specOf('forced', ['telnetd'], 'security:\n  packages:\n    deny: [telnetd]\n');
    expect(await run('compose', 'tree', spec, '--force-policy', ' ')).toMatchObject({ code: 2 });
    const forced = await run('compose', 'tree', spec, '--force-policy', 'ticket 4711');
    expect([forced.code, forced.stderr]).toEqual([
      0,
      expect.stringMatching(/forced against .*forced\.yaml:5: security\.packages\.deny: telnetd/) as string,
    ]);
    const record = {
      reason: 'ticket 4711',
      uid: expect.any(Number) as number,
      user: expect.any(String) as string,
      refused: ['security.packages.deny: telnetd'],
    };
    const { transactions } = JSON.parse((await run('log', '--json')).stdout) as {
      transactions: { summary: Record<string, unknown> }[];
    };
    expect(transactions[0]?.summary['forcedPolicy']).toEqual(record);
    const { deployments } = JSON.parse((await run('status', '--json')).stdout) as {
      deployments: Record<string, unknown>[];
    };
    expect(deployments[0]?.['forced-policy']).toEqual(record);
    expect((await run('status')).stdout).toMatch(
      /ForcedPolicy: security\.packages\.deny: telnetd \(.*: ticket 4711\)/,
    );
    // What anybody may read has no reason in it.
    const id = String(deployments[0]?.['id']);
    const shown = fs.readFileSync(`${sysroot}/state/deploy/${id}/public.json`, 'utf8');
    const journals = fs
      .readdirSync(`${sysroot}/state/transactions`)
      .map(name => fs.readFileSync(`${sysroot}/state/transactions/${name}/public.jsonl`, 'utf8'));
    expect(shown).toContain('security.packages.deny: telnetd');
    expect(journals.join('')).toContain('security.packages.deny: telnetd');
    expect(shown + journals.join('')).not.toContain('4711');
    // The next change is refused as before.
    await refused(sysroot, /security\.packages\.deny: telnetd/, ['layer', 'harmless']);
  });
});
