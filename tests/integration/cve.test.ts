import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BootedMachine, bootedMachine } from '../support/booted-machine.ts';
import { execute } from '../support/command.ts';
import { aptLayerConfigured, configuredCommand } from '../support/configured.ts';
import { type FileServer, fileServer } from '../support/file-server.ts';
import { aptLayerAsNobody, asNobody, cannotRunAsNobody } from '../support/nobody.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const FIXTURES = path.join(CHECKOUT, 'tests/fixtures/vulnerabilities');
const DATA = ['--data', `${FIXTURES}/tracker.json`, '--data', `${FIXTURES}/advisories`];
const OS_RELEASE = 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n';

/** `NAME VERSION [SOURCE (VERSION)]`, and further fields. */
function stanza(text: string, fields: Record<string, string> = {}): string {
  const [, name = '', version = '', source] = /^(\S+) (\S+)(?: (.+))?$/.exec(text) ?? [];
  const all = {
    ...{ Package: name, Status: 'install ok installed', Maintainer: 'A Team <team@lists.debian.org>' },
    ...{ Architecture: 'amd64', Version: version, ...(source === undefined ? {} : { Source: source }) },
    ...{ Description: 'a package', ...fields },
  };
  return `${Object.entries(all)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')}\n`;
}

const DOCKER = stanza('docker-ce 5:28.0.1-1~debian.13~trixie', { Maintainer: 'Docker <support@docker.com>' });
const VIM = stanza('vim 2:9.1.1230-1~deb13u0');
const OLD = [stanza('curl 8.14.1-2'), stanza('libcurl4t64 8.14.1-2 curl'), VIM, DOCKER].join('');
const NEW = [stanza('curl 8.14.1-2+deb13u1'), stanza('libcurl4t64 8.14.1-2+deb13u1 curl'), VIM].join('');

const system = (status: string) => ({ 'usr/lib/os-release': OS_RELEASE, 'var/lib/dpkg/status': status });

interface Found {
  readonly id: string;
  readonly state: string;
  readonly packages: readonly { readonly name: string; readonly 'in-base': boolean }[];
}
interface Answer {
  readonly findings: readonly Found[];
  readonly silenced: readonly (Found & { readonly explanation: { readonly author: string } })[];
  readonly 'not-covered': readonly { readonly name: string }[];
}

let directory: TemporaryDirectory;
let server: FileServer;
let machine: BootedMachine;
let sysroot: string;

beforeAll(async () => {
  directory = temporaryDirectory('cve');
  fs.chmodSync(directory.path, 0o755);
  machine = bootedMachine(directory.join('machine'));
  sysroot = machine.sysroot;
  await machine.deploy(system(OLD));
  await machine.deploy(system(NEW));
  fs.cpSync(FIXTURES, directory.join('served'), { recursive: true });
  server = await fileServer(directory.join('served'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

const answerOf = async (words: readonly string[]) =>
  (await aptLayerMust(sysroot, ['cve', '--json', ...words])).json() as Answer;
const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id).sort();

describe('cve', () => {
  it('says what a deployment has, what is not covered, and how old the data is', async () => {
    const { stdout } = await aptLayerMust(sysroot, ['cve', '1', ...DATA]);
    expect(stdout).toMatch(
      /^CVE-2025-0101 +high +fixed +curl +8\.14\.1-2 +8\.14\.1-2\+deb13u1 +DSA-6001-1 +base +curl, libcurl4t64$/m,
    );
    expect(stdout).toMatch(/^CVE-2025-0102 +medium +postponed +curl/m);
    expect(stdout).toContain(
      '7 known vulnerabilities in 3 packages: 2 fixed in the archive, 5 without a fix there.',
    );
    expect(stdout).toContain('not of the distribution: 1 package: docker-ce.');
    expect(stdout).toMatch(/^Data: .*\/tracker\.json, \d+ \w+ old\.$/m);
    const answer = await answerOf(['1', ...DATA]);
    expect(answer['not-covered']).toMatchObject([{ name: 'docker-ce' }]);
    expect(answer.findings).toHaveLength(7);
  });

  it('lists what is asked for, and fails when that is asked', async () => {
    const one = await aptLayer(sysroot, ['cve', '1', '--fixable', '--fail-on', 'high', ...DATA]);
    expect(one).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('2 known vulnerabilities') as string,
    });
    expect((await aptLayer(sysroot, ['cve', '0', '--fixable', '--fail-on', 'high', ...DATA])).code).toBe(0);
    expect(ids((await answerOf(['1', '--severity', 'medium', ...DATA])).findings)).toEqual([
      'CVE-2025-0101',
      'CVE-2025-0102',
    ]);
    expect(ids((await answerOf(['1', '--package', 'vi*', ...DATA])).findings)).toEqual([
      'CVE-2025-0401',
      'CVE-2025-0402',
      'TEMP-0000000-1A2B3C',
    ]);
  });

  it('prints SARIF that has a result for each package', async () => {
    const sarif = (await aptLayerMust(sysroot, ['cve', '1', '--sarif', ...DATA])).json() as {
      readonly version: string;
      readonly runs: readonly {
        readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
        readonly results: readonly {
          readonly ruleId: string;
          readonly ruleIndex: number;
          readonly level: string;
        }[];
      }[];
    };
    const [run] = sarif.runs;
    expect(sarif.version).toBe('2.1.0');
    expect(run?.results).toHaveLength(11);
    expect(run?.results.every(one => run.tool.driver.rules[one.ruleIndex]?.id === one.ruleId)).toBe(true);
    expect(run?.results.filter(one => one.level === 'error').map(one => one.ruleId)).toEqual([
      'CVE-2025-0101',
      'CVE-2025-0101',
    ]);
  });

  it('is silenced by OpenVEX that says why, and drafts it', async () => {
    const draft = await aptLayerMust(sysroot, ['cve', '1', '--package', 'curl', '--write-vex', ...DATA]);
    const file = directory.join('vex.json');
    fs.writeFileSync(file, draft.stdout);
    // As it is drafted it silences nothing.
    expect((await answerOf(['1', '--vex', file, ...DATA])).findings).toHaveLength(7);
    const document = draft.json() as { author: string; statements: Record<string, unknown>[] };
    document.author = 'Security <security@example.org>';
    for (const one of document.statements.slice(0, 2))
      Object.assign(one, { status: 'not_affected', justification: 'vulnerable_code_not_in_execute_path' });
    fs.writeFileSync(file, JSON.stringify(document));
    const { findings, silenced } = await answerOf(['1', '--vex', file, ...DATA]);
    expect(findings).toHaveLength(5);
    expect(silenced.map(one => [one.id, one.explanation.author])).toEqual([
      ['CVE-2025-0101', 'Security <security@example.org>'],
      ['CVE-2025-0102', 'Security <security@example.org>'],
    ]);
    expect((await aptLayerMust(sysroot, ['cve', '1', '--vex', file, ...DATA])).stdout).toContain(
      'CVE-2025-0101 curl: not affected: vulnerable code not in execute path (Security <security@example.org>)',
    );
    // Another version is another thing.
    expect(fs.readFileSync(file, 'utf8')).toContain('curl@8.14.1-2?');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replaceAll('curl@8.14.1-2?', 'curl@8.14.1-1?'));
    expect((await answerOf(['1', '--vex', file, ...DATA])).silenced).toEqual([]);
    fs.writeFileSync(
      file,
      '{"@context": "https://openvex.dev/ns/v0.2.0", "author": "x", "statements": [{}]}',
    );
    expect(await aptLayer(sysroot, ['cve', '1', '--vex', file, ...DATA])).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('statements/0/status is no status') as string,
    });
  });

  it('looks at the files of OpenVEX that the spec of a deployment names', async () => {
    const own = bootedMachine(directory.join('own'));
    const file = directory.join('own.json');
    const vex = `base-image: local://test\nsecurity: {vulnerabilities: {vex: [${file}]}}\n`;
    await own.deploy(system(OLD), { specText: vex });
    const found = () => aptLayerMust(own.sysroot, ['cve', '--json', ...DATA]);
    const without = await found();
    expect(without.stderr).toContain(`the spec names ${file}, which cannot be read`);
    expect((without.json() as Answer).silenced).toEqual([]);
    const statement = {
      ...{ vulnerability: 'CVE-2025-0101', products: ['pkg:deb/debian/curl'] },
      ...{ status: 'not_affected', justification: 'component_not_present' },
    };
    const other = { ...statement, vulnerability: 'CVE-2025-0102', products: ['pkg:deb/ubuntu/curl'] };
    fs.writeFileSync(
      file,
      JSON.stringify({
        ...{ '@context': 'https://openvex.dev/ns/v0.2.0', author: 'Team', statements: [statement, other] },
      }),
    );
    expect(ids(((await found()).json() as Answer).silenced)).toEqual(['CVE-2025-0101']);
  });

  it('is counted by status, once there is data', async () => {
    const status = async () =>
      (await aptLayerConfigured(`vulnerability-data: ${FIXTURES}/tracker.json\n`, sysroot, ['status']))
        .stdout;
    expect(await status()).not.toContain('Vulnerabilities');
    const cve = await aptLayerConfigured(`vulnerability-data: ${FIXTURES}/tracker.json\n`, sysroot, ['cve']);
    expect(cve.code).toBe(0);
    expect((await status()).match(/^ +Vulnerabilities: .*$/gm)?.map(line => line.trim())).toEqual([
      'Vulnerabilities: 1 fixed in the archive, 5 without a fix there',
      'Vulnerabilities: 2 fixed in the archive (1 high), 5 without a fix there',
    ]);
  });

  it('compares two deployments by the same data', async () => {
    const { stdout } = await aptLayerMust(sysroot, ['cve', 'diff', '1', '0', ...DATA]);
    expect(stdout).toMatch(/^Closed \(1\):\n.*\nCVE-2025-0101 /m);
    expect(stdout).toContain('1 closed, 0 opened, 6 known vulnerabilities stay.');
    const back = (await aptLayerMust(sysroot, ['cve', 'diff', '0', '1', '--json', ...DATA])).json() as {
      readonly closed: readonly Found[];
      readonly opened: readonly Found[];
    };
    expect([ids(back.closed), ids(back.opened)]).toEqual([[], ['CVE-2025-0101']]);
  });
});

describe('without data', () => {
  it.each([
    ['of any kind', 'vulnerability-data: off', ['cve'], /`vulnerability-data` is off/],
    [
      'at hand',
      'vulnerability-data: http://127.0.0.1:9/x',
      ['cve', '--offline'],
      /no data .* at hand\nhint: .*--offline/,
    ],
    [
      'that can be reached',
      'vulnerability-data: http://127.0.0.1:9/x',
      ['cve'],
      /cannot fetch http:\/\/127\.0\.0\.1:9\/x/,
    ],
  ])('%s there is an error, and the next step', async (_, configuration, words, message) => {
    const said = await aptLayerConfigured(`Acquire::Retries: 0\n${configuration}\n`, sysroot, words);
    expect(said.code).not.toBe(0);
    expect(said.stdout).toBe('');
    expect(said.stderr).toMatch(message);
  });

  it('of the release there is an error that names it', async () => {
    const other = bootedMachine(directory.join('other'));
    const released = OS_RELEASE.replace('trixie', 'buster').replace('13', '10');
    await other.deploy({ ...system(OLD), 'usr/lib/os-release': released });
    expect(await aptLayer(other.sysroot, ['cve', ...DATA])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('say nothing of debian-buster') as string,
    });
    // A list of advisories alone does not know what is open.
    expect(await aptLayer(sysroot, ['cve', '--data', `${FIXTURES}/advisories`])).toMatchObject({
      code: 1,
      stdout: '',
    });
  });
});

describe('data from a server', () => {
  const configuration = () => `vulnerability-data: [${server.url}/tracker.json, ${server.url}/advisories]\n`;

  it('is fetched once, asked for again, and stays when what comes is wrong', async () => {
    const cve = (...words: string[]) => aptLayerConfigured(configuration(), sysroot, ['cve', '1', ...words]);
    const first = await cve();
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('DSA-6001-1') as string });
    expect(server.count(/tracker/)).toBe(1);
    expect((await cve()).code).toBe(0);
    expect(server.count(/tracker/)).toBe(1);
    expect((await cve('--refresh')).code).toBe(0);
    expect(server.count(/tracker/)).toBe(2);
    server.fault(/tracker/, { body: Buffer.from('<html>sorry</html>') });
    const garbage = await aptLayerConfigured(configuration(), sysroot, ['cve', '--refresh']);
    server.clearFaults();
    // A file that was changed since, so that the server sends it.
    fs.utimesSync(directory.join('served/tracker.json'), new Date(), new Date(Date.now() + 10_000));
    server.fault(/tracker/, { body: Buffer.from('<html>sorry</html>') });
    const wrong = await cve('--refresh');
    expect(wrong).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('begins with "<html>sorry') as string,
    });
    server.clearFaults();
    server.fault(/tracker/, { cutAfterBytes: 100 });
    expect(await cve('--refresh')).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('cannot fetch') as string,
    });
    server.clearFaults();
    expect(garbage.code).toBe(0);
    expect((await cve()).stdout.replace(/, \d+ \w+ old/g, '')).toBe(
      first.stdout.replace(/, \d+ \w+ old/g, ''),
    );
  });

  it('that is too old is warned of', async () => {
    const stateOf = (name: string) => `${sysroot}/cache/vulnerabilities/${name}/state.json`;
    const key = fs.readdirSync(`${sysroot}/cache/vulnerabilities`).find(name => {
      const text = fs.existsSync(stateOf(name)) ? fs.readFileSync(stateOf(name), 'utf8') : '';
      return text.includes(server.url) && text.includes('"tracker"');
    });
    const file = stateOf(key ?? '');
    const state = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(
      file,
      state.replace(/"checked": \d+/, `"checked": ${Math.floor(Date.now() / 1000) - 9 * 86_400}`),
    );
    const old = await aptLayerConfigured(configuration(), sysroot, ['cve', '--offline']);
    fs.writeFileSync(file, state);
    expect(old).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/is 9 days old: what is newer/) as string,
    });
    expect(old.stdout).toContain('9 days old.');
  });

  it.skipIf(cannotRunAsNobody() !== undefined)('is for everybody once root has it', async () => {
    // The address stands for the copy: no server is asked.
    const program = [
      process.execPath,
      path.join(CHECKOUT, 'bin/apt-layer'),
      '--sysroot',
      sysroot,
      'cve',
      '1',
    ];
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--', ...program];
    const [tool, ...words] = configuredCommand(configuration(), nobody);
    const said = await execute(tool, words);
    expect(said).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('7 known vulnerabilities') as string,
    });
    expect((await asNobody('find', [`${sysroot}/cache/vulnerabilities`, '!', '-readable'])).stdout).toBe('');
    const refused = await aptLayerAsNobody(sysroot, ['cve', '--refresh']);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('only be fetched by root') as string,
    });
  });
});

describe('a hundred megabytes', () => {
  it('are read in little memory', async () => {
    const file = directory.join('large.json');
    const descriptor = fs.openSync(file, 'w');
    const entry = (source: number, index: number) =>
      `"CVE-2025-${index}": {"scope": "local", "description": "${'In the Linux kernel, the following was resolved. '.repeat(12)}", "releases": {${['bookworm', 'trixie', 'sid'].map(release => `"${release}": {"status": "resolved", "repositories": {"${release}": "${source}.1-1"}, "fixed_version": "${source}.${index % 50}-1", "urgency": "not yet assigned"}`).join(', ')}}}`;
    fs.writeSync(descriptor, '{');
    for (let source = 0, size = 1; size < 100e6; source++) {
      const count = source % 100 === 0 ? 5000 : 20;
      const entries = Array.from({ length: count }, (_, index) => entry(source, 1000 + index)).join(', ');
      const text = `${source === 0 ? '' : ', '}"source${source}": {${entries}}`;
      fs.writeSync(descriptor, text);
      size += text.length;
    }
    fs.writeSync(descriptor, '}');
    fs.closeSync(descriptor);
    const large = bootedMachine(directory.join('large'));
    const packages = Array.from({ length: 1300 }, (_, index) =>
      stanza(`source${index} ${index}.${index === 100 ? 3 : 49}-1`),
    );
    await large.deploy(system(packages.join('')));
    const report = `data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS))`;
    const program = [path.join(CHECKOUT, 'bin/apt-layer'), '--sysroot', large.sysroot];
    const [tool, ...words] = configuredCommand(`vulnerability-data: ${file}\n`, [
      ...[process.execPath, '--import', report, ...program, 'cve', '--package', 'source100'],
    ]);
    const run = () => execute(tool, words);
    const first = await run();
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('4600 known vulnerabilities') as string,
    });
    // Around 150 MB, half of it node's own; read as a whole it would be more than twice that.
    expect(Number(/peak (\d+)/.exec(first.stderr)?.[1]) / 1024).toBeLessThan(200);
    fs.rmSync(file);
  });
});
