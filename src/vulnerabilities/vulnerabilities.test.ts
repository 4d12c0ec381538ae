import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../tests/support/host.ts';
import { AptLayerError } from '../errors/index.ts';
import {
  assess,
  type Distribution,
  readFiles,
  readKnown,
  refreshData,
  type SystemPackage,
  wantedOf,
} from './index.ts';

const FIXTURES = path.join(import.meta.dirname, '../../tests/fixtures/vulnerabilities');
const TRACKER = `${FIXTURES}/tracker.json`;
const OSV = `${FIXTURES}/osv`;
const trixie: Distribution = { id: 'debian', codename: 'trixie', version: '13' };
const noble: Distribution = { id: 'ubuntu', codename: 'noble', version: '24.04' };

const one = (text: string, more: Partial<SystemPackage> = {}): SystemPackage => {
  const [name = '', packageVersion = '', source = name, version = packageVersion] = text.split(' ');
  const rest = { architecture: 'amd64', builtUsing: '', vendor: 'Debian', isInBase: true };
  return { name, packageVersion, source, version, ...rest, ...more };
};

async function assessed(files: readonly string[], distribution: Distribution, packages: SystemPackage[]) {
  const known = await readFiles(testHost(), files, wantedOf(distribution, packages));
  return assess(distribution, packages, known);
}

/** What was found, short: `CVE state fixed severity packages`. */
async function found(files: readonly string[], distribution: Distribution, packages: SystemPackage[]) {
  const { findings } = await assessed(files, distribution, packages);
  return findings
    .map(({ id, state, fixed, severity, packages: list, isBuiltIn }) =>
      [
        id,
        state,
        fixed ?? '-',
        severity,
        list.map(each => each.name).join(','),
        ...(isBuiltIn ? ['in'] : []),
      ].join(' '),
    )
    .sort();
}

describe("the tracker's data", () => {
  it('has every status, urgency and decision', async () => {
    expect(await found([TRACKER], trixie, [one('curl 8.14.1-2'), one('libcurl4t64 8.14.1-2 curl')])).toEqual([
      'CVE-2025-0101 fixed 8.14.1-2+deb13u1 high curl,libcurl4t64',
      'CVE-2025-0102 postponed - medium curl,libcurl4t64',
      'CVE-2025-0103 ignored - low curl,libcurl4t64',
      'CVE-2025-0105 undetermined - unassigned curl,libcurl4t64',
    ]);
    expect(await found([TRACKER], trixie, [one('vim 2:9.1.1230-2'), one('libc6 2.41-12 glibc')])).toEqual([
      'CVE-2010-4756 open - unimportant libc6',
      'CVE-2025-0402 end-of-life - unassigned vim',
      'TEMP-0000000-1A2B3C no-dsa - unassigned vim',
    ]);
    const sid = { ...trixie, codename: 'sid', version: '' };
    expect(await found([TRACKER], sid, [one('curl 8.15.0-1~exp1')])).toEqual([
      'CVE-2025-0101 fixed 8.15.0-1 high curl',
      'CVE-2025-0102 open - medium curl',
      'CVE-2025-0106 open - unassigned curl',
    ]);
  });

  it.each([
    // An epoch, and what stands behind a tilde, count as dpkg counts them.
    ['vim 9.1.1230-9', ['CVE-2025-0401 fixed 2:9.1.1230-1~deb13u1 low vim']],
    ['vim 2:9.1.1230-1~deb13u0', ['CVE-2025-0401 fixed 2:9.1.1230-1~deb13u1 low vim']],
    ['vim 2:9.1.1230-1~deb13u1', []],
    // Of a rebuild the version of the source counts, not its own.
    [
      'vim-tiny 2:9.1.1230-1~deb13u0+b3 vim 2:9.1.1230-1~deb13u0',
      ['CVE-2025-0401 fixed 2:9.1.1230-1~deb13u1 low vim-tiny'],
    ],
    ['vim-tiny 2:9.1.1230-1+b1 vim 2:9.1.1230-1~deb13u1', []],
    // A source that has another name than its package, with a version of its own.
    ['vim-doc 1.0 vim 2:9.0-1', ['CVE-2025-0401 fixed 2:9.1.1230-1~deb13u1 low vim-doc']],
    ['linux-image-amd64 6.12.41-1 linux', ['CVE-2025-0301 fixed 6.12.48-1 unassigned linux-image-amd64']],
  ])('%s', async (text, expected) => {
    const all = await found([TRACKER], trixie, [one(text)]);
    expect(all.filter(line => !/end-of-life|TEMP/.test(line))).toEqual(expected);
  });

  it('is about what is built into a package, and about what was only signed', async () => {
    const packages = [
      one('busybox-static 1:1.37.0-6 busybox', { builtUsing: 'glibc (= 2.41-10), linux (= 6.12.48-1)' }),
      one('gopkg 1', { builtUsing: 'curl (= 8.14.1-2+deb13u1), not a (relation' }),
      one('linux-image-6.12 6.12.41-1 linux-signed-amd64 6.12.41+1', { builtUsing: 'linux (= 6.12.41-1)' }),
    ];
    expect(await found([TRACKER], trixie, packages)).toEqual([
      'CVE-2010-4756 open - unimportant busybox-static in',
      'CVE-2025-0201 fixed 2.41-11 medium busybox-static in',
      'CVE-2025-0301 fixed 6.12.48-1 unassigned linux-image-6.12',
    ]);
  });

  it('is never about packages of others with the same name', async () => {
    const packages = ['Ubuntu', '', 'Debian Backports', 'nginx'].map((vendor, index) =>
      one('curl 1-1', { vendor, architecture: `a${index}` }),
    );
    const { findings, uncovered, covered } = await assessed([TRACKER], trixie, [...packages, one('bash 1')]);
    expect({ findings, covered }).toEqual({ findings: [], covered: 1 });
    expect(uncovered.map(({ name, vendor }) => `${name} ${vendor}`)).toEqual([
      'curl Ubuntu',
      'curl ',
      'curl Debian Backports',
      'curl nginx',
    ]);
  });

  it('has names of advisories from the list of them, which alone is no data', async () => {
    const packages = [one('curl 8.14.1-2'), one('linux-image 6.12.41-1 linux')];
    const { findings } = await assessed([TRACKER, `${FIXTURES}/advisories`], trixie, packages);
    expect(findings.filter(({ advisories }) => advisories.length > 0)).toMatchObject([
      {
        id: 'CVE-2025-0101',
        advisories: ['DSA-6001-1'],
        summary: expect.stringContaining('redirect') as string,
      },
      {
        id: 'CVE-2025-0301',
        advisories: ['DSA-6000-1'],
        summary: 'A use after free. Of more than one line.',
      },
    ]);
  });
});

describe('data of OSV', () => {
  it('is of Debian and Ubuntu alike', async () => {
    expect(await found([OSV], trixie, [one('curl 8.14.1-2')])).toEqual([
      'CVE-2025-0101 fixed 8.14.1-2+deb13u1 high curl',
    ]);
    const packages = (version: string) => [
      one(`curl ${version}`, { vendor: 'Ubuntu' }),
      one('zlib1g 1:1.3.dfsg-3.1ubuntu2 zlib', { vendor: 'Ubuntu' }),
      one('zlib1g-dev 1:1.3.dfsg-3.1ubuntu2.1 zlib', { vendor: 'Ubuntu' }),
    ];
    expect(await found([OSV], noble, packages('8.5.0-2ubuntu10.6'))).toEqual([
      'CVE-2025-0501 fixed 8.5.0-2ubuntu10.7 high curl',
      'CVE-2025-0501 open - high zlib1g',
    ]);
    // Between the spans.
    expect(await found([OSV], noble, packages('8.2-1'))).toEqual(['CVE-2025-0501 open - high zlib1g']);
    expect(await found([OSV], noble, packages('8.0-1'))).toContain('CVE-2025-0501 fixed 8.1-1 high curl');
  });

  it('adds advisories to what the tracker knows', async () => {
    const { findings } = await assessed([TRACKER, OSV], trixie, [one('curl 8.14.1-2')]);
    expect(findings).toHaveLength(4);
    expect(findings[0]).toMatchObject({ id: 'CVE-2025-0101', advisories: ['DSA-6001-1'] });
  });

  it('can be a zip, JSON lines, or compressed', async () => {
    using scratch = scratchDirectory();
    const records = fs.readdirSync(OSV).map(name => fs.readFileSync(`${OSV}/${name}`, 'utf8'));
    const lines = records.map(text => JSON.stringify(JSON.parse(text))).join('\n');
    const at = (name: string) => path.join(scratch.path, name);
    fs.writeFileSync(at('lines'), lines);
    fs.writeFileSync(at('gz'), zlib.gzipSync(lines));
    execFileSync('python3', ['-m', 'zipfile', '-c', at('zip'), ...fs.readdirSync(OSV)], { cwd: OSV });
    execFileSync('xz', ['-k', at('lines')]);
    for (const name of ['lines', 'gz', 'zip', 'lines.xz'])
      expect(await found([at(name)], trixie, [one('curl 8.14.1-2')])).toEqual([
        'CVE-2025-0101 fixed 8.14.1-2+deb13u1 high curl',
      ]);
  });
});

describe('data that is wrong', () => {
  const tracker = (release: unknown) =>
    JSON.stringify({ curl: { 'CVE-2025-1': { releases: { trixie: release } } } });
  const whole = fs.readFileSync(TRACKER);

  it.each<[string, string | Buffer, RegExp]>([
    ['nothing', '', /it is empty, which is no data/],
    ['a web page', '<!DOCTYPE html><html>', /it begins with "<!DOCTYPE html><html>", which is no data/],
    ['an empty object', '{}', /which is no data/],
    ['no vulnerability', '{"curl": {}}', /it says nothing of any package/],
    ['a list', '[]', /which is no data/],
    [
      'a status that is a number',
      tracker({ status: 1 }),
      /curl\/CVE-2025-1\/releases\/trixie\/status is no text/,
    ],
    ['a release that is a text', tracker('open'), /curl\/CVE-2025-1\/releases\/trixie is no object/],
    ['a version that is a list', tracker({ status: 'open', fixed_version: [] }), /fixed_version is no text/],
    ['no releases', '{"curl": {"CVE-2025-1": {}}}', /curl\/CVE-2025-1\/releases is no object/],
    [
      'a path as a release',
      '{"curl": {"CVE-2025-1": {"releases": {"../x": {}}}}}',
      /has the name of no release/,
    ],
    ['a path as a source', '{"../x": {"CVE-2025-1": {"releases": {}}}}', /is in no source package/],
    ['a path as a name', '{"curl": {"../x": {"releases": {}}}}', /is no name of a vulnerability/],
    ['a part', whole.subarray(0, 3000), /offset 3000: it ends too early/],
    [
      'a part that is compressed',
      zlib.gzipSync(whole).subarray(0, 500),
      /reading .*\/data: the compressed data/,
    ],
    ['a record without id', '{"affected": []}', /a record has no id/],
    [
      'a record with wrong events',
      '{"id": "X-1", "affected": [{"package": {"ecosystem": "Debian:13", "name": "a"}, "ranges": [{"type": "ECOSYSTEM", "events": 1}]}]}',
      /X-1\/affected\/0\/ranges\/0\/events is no list/,
    ],
    ['a part of a zip', Buffer.from('PK\x03\x04 and more', 'latin1'), /the zip is damaged/],
    ['no advisory', '[12 Oct 2025] DSA-1-1 x\nwhat is this', /line 2: this is in no advisory/],
  ])('%s is refused, and says where', async (_, bytes, message) => {
    using scratch = scratchDirectory();
    const file = `${scratch.path}/data`;
    fs.writeFileSync(file, bytes);
    const error = await found([file], trixie, [one('curl 1')]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AptLayerError);
    expect(error).toMatchObject({ code: 'FORMAT', message: expect.stringMatching(message) as string });
  });

  it('gives typed errors whatever is changed in it', async () => {
    using scratch = scratchDirectory();
    const file = `${scratch.path}/data`;
    const sources = [
      whole,
      fs.readFileSync(`${OSV}/UBUNTU-CVE-2025-0501.json`),
      fs.readFileSync(`${FIXTURES}/advisories`),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...sources),
        fc.nat(),
        fc.uint8Array({ maxLength: 4 }),
        async (source, at, bytes) => {
          const changed = Buffer.from(source);
          changed.set(bytes.subarray(0, changed.length), at % (changed.length - 4));
          fs.writeFileSync(file, changed);
          try {
            await found([file], trixie, [one('curl 1'), one('vim 1')]);
          } catch (error) {
            expect(error).toBeInstanceOf(AptLayerError);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('that is not there is said to be not there', async () => {
    await expect(found(['/nowhere'], trixie, [one('curl 1')])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('the copy in the sysroot', () => {
  it('says what the data says, and is kept when what comes is wrong', async () => {
    using scratch = scratchDirectory();
    const file = `${scratch.path}/tracker.json`;
    fs.copyFileSync(TRACKER, file);
    const host = testHost();
    const packages = [one('curl 8.14.1-2')];
    const wanted = wantedOf(trixie, packages);
    const at = { ...host, sysroot: `${scratch.path}/sysroot` };
    const known = () => readKnown(at, [file], wanted);
    expect(known().data).toEqual([]);
    const first = await refreshData(host, at.sysroot, file);
    expect(first.releases).toEqual(['debian-bookworm', 'debian-sid', 'debian-trixie']);
    const before = assess(trixie, packages, known());
    expect(before).toEqual(await assessed([file], trixie, packages));
    expect(known().data).toMatchObject([{ kind: 'tracker', releases: ['debian-trixie'] }]);
    // Read again only when it is another.
    expect((await refreshData(host, at.sysroot, file)).files).toBe(first.files);
    fs.writeFileSync(file, 'garbage');
    await expect(refreshData(host, at.sysroot, file)).rejects.toMatchObject({ code: 'FORMAT' });
    expect(assess(trixie, packages, known())).toEqual(before);
    fs.copyFileSync(TRACKER, file);
    const again = await refreshData(host, at.sysroot, file);
    expect(again.files).not.toBe(first.files);
    const left = fs.readdirSync(path.dirname(again.files)).sort();
    expect(left).toEqual([path.basename(again.files), 'state.json'].sort());
    fs.appendFileSync(`${again.files}/debian-trixie`, 'curl\t{"id": 1}\n');
    expect(known).toThrow(/damaged/);
  });
});
