import fs from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fieldLines, parseStanzas } from '../../src/formats/deb822/index.ts';
import { countLinks, type Tree } from '../../src/formats/tree/index.ts';
import {
  describePackage,
  describeReason,
  dpkgRecords,
  mergePackages,
  planAssembly,
  readDpkgDatabase,
} from '../../src/layer/assemble/index.ts';
import {
  checkout,
  importDirectory,
  putObject,
  readContent,
  type WritableStore,
} from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { ASSEMBLED, type AssemblyCase, REFUSED, writeText } from '../support/assembly-cases.ts';
import { copyRoot } from '../support/base.ts';
import { execute, must } from '../support/command.ts';
import { compareTrees, type Difference, TRACES_OF_APT } from '../support/compare-trees.ts';
import { buildDeb, type DebDescription } from '../support/deb.ts';
import { testHost } from '../support/host.ts';
import { readDeb } from '../support/package-image.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

/** Scripts run outside the root, which has no shell, and find it in DPKG_ROOT. */
const DPKG = ['--force-script-chrootless', '--force-unsafe-io', '--force-confdef', '--force-confold'];

/** Each is dpkg's state or log, compared by stanza or not at all. */
const STATE = [...TRACES_OF_APT, /^\/var\/lib\/dpkg\/(status|available|triggers\/Unincorp)$/];

let work: TemporaryDirectory;
let store: WritableStore;
beforeAll(() => {
  work = temporaryDirectory('assemble');
  store = ensureStore(testHost(), work.join('store'));
});
afterAll(() => work[Symbol.asyncDispose]());

let place: TemporaryDirectory;
beforeEach(() => {
  place = temporaryDirectory('case', work.path);
});
afterEach(() => place[Symbol.asyncDispose]());

async function makeBase(root: string, one: AssemblyCase): Promise<void> {
  for (const directory of [
    'usr/bin',
    'usr/lib',
    'etc',
    'var/lib/apt',
    'var/lib/dpkg/info',
    'var/lib/dpkg/updates',
    'var/lib/dpkg/triggers',
  ])
    fs.mkdirSync(`${root}/${directory}`, { recursive: true });
  for (const name of ['bin', 'lib']) fs.symlinkSync(`usr/${name}`, `${root}/${name}`);
  writeText(root, '/etc/passwd', 'root:x:0:0::/:/bin/sh\nkeeper:x:123:124::/:/bin/sh\n');
  writeText(root, '/etc/group', 'root:x:0:\nkeepers:x:124:\n');
  writeText(root, '/var/lib/dpkg/status', '');
  writeText(root, '/var/lib/dpkg/arch', 'amd64\ni386\n');
  writeText(root, '/var/lib/dpkg/info/format', '1\n');
  if (one.base !== undefined && one.base.length > 0) {
    const debs = await build(one.base);
    await must('dpkg', [`--root=${root}`, ...DPKG, '--install', ...debs]);
  }
  one.prepare?.(root);
}

function build(packages: readonly DebDescription[]): Promise<string[]> {
  return Promise.all(packages.map(one => buildDeb(one, place.join('debs'))));
}

async function assemble(base: string, debs: readonly string[]): Promise<Tree> {
  const tree = await importDirectory(store, base, { mode: 'copy' });
  const put = (bytes: Buffer) => putObject(store, bytes);
  const read = (file: Parameters<typeof readContent>[1]) => readContent(store, file);
  const packages = debs.map(deb => describePackage(readDeb(deb, put)));
  const database = readDpkgDatabase(tree, read);
  const { packages: planned } = planAssembly(database, packages);
  expect(planned.flatMap(one => one.reasons.map(describeReason))).toEqual([]);
  const { tree: merged, dropped } = mergePackages(tree, packages, database);
  const options = { database, dropped, automatic: new Set<string>(), nativeArchitecture: 'amd64', mtime: 0 };
  return dpkgRecords(merged, packages, { ...options, read, put });
}

/** Status by package: its fields, and the lines of Conffiles, in no order. */
function statusOf(root: string): Record<string, string[]> {
  const packages: Record<string, string[]> = {};
  for (const stanza of parseStanzas(fs.readFileSync(`${root}/var/lib/dpkg/status`))) {
    const fields = [...stanza.fields.values()].flatMap(({ name, value }) =>
      name === 'Conffiles' ? fieldLines(value).map(line => `Conffile ${line}`) : [`${name}: ${value}`],
    );
    packages[`${stanza.fields.get('package')?.value}:${stanza.fields.get('architecture')?.value}`] =
      fields.sort();
  }
  return packages;
}

/** What matters: no times of directories, nor of what dpkg writes itself. */
function differences(expected: string, actual: string): Difference[] {
  return compareTrees(expected, actual, { ignore: STATE, mtimes: true }).filter(
    ({ class: kind, path }) =>
      kind !== 'mtime' ||
      !(/^\/(var\/lib\/dpkg\/|said$)/.test(path) || fs.lstatSync(actual + path).isDirectory()),
  );
}

/** Without what dpkg has already told the packages, and we leave to its next run. */
function withoutTriggers(status: Record<string, string[]>): Record<string, string[]> {
  const plain = (fields: string[]) =>
    fields
      .filter(field => !/^Triggers-(Pending|Awaited):/.test(field))
      .map(field => field.replace(/^(Status: .*) triggers-(pending|awaited)$/, '$1 installed'));
  return Object.fromEntries(Object.entries(status).map(([name, fields]) => [name, plain(fields)]));
}

describe('assembled as dpkg would have unpacked it', () => {
  it.each(ASSEMBLED)('$name', async one => {
    const [base, expected, actual] = [place.join('base'), place.join('expected'), place.join('actual')];
    await makeBase(base, one);
    await copyRoot(base, expected);
    const debs = await build(one.packages);
    await must('dpkg', [`--root=${expected}`, ...DPKG, '--no-triggers', '--unpack', ...debs]);
    const tree = await assemble(base, debs);
    countLinks(tree);
    await checkout(store, tree, actual);
    expect(differences(expected, actual)).toEqual([]);
    expect(withoutTriggers(statusOf(actual))).toEqual(withoutTriggers(statusOf(expected)));

    for (const root of [expected, actual])
      await must('dpkg', [`--root=${root}`, ...DPKG, '--configure', '-a']);
    expect(differences(expected, actual)).toEqual([]);
    expect(statusOf(actual)).toEqual(statusOf(expected));
    expect(await must('dpkg', [`--root=${actual}`, '--audit'])).toBe('');
  });
});

describe('refused, as dpkg refuses it', () => {
  it.each(REFUSED)('$name', async one => {
    const [base, expected] = [place.join('base'), place.join('expected')];
    await makeBase(base, one);
    await copyRoot(base, expected);
    const debs = await build(one.packages);
    expect(
      (await execute('dpkg', [`--root=${expected}`, ...DPKG, '--no-triggers', '--unpack', ...debs])).code,
    ).not.toBe(0);
    await expect(assemble(base, debs)).rejects.toMatchObject({
      code: 'DPKG_FAILED',
      message: expect.stringMatching(one.message) as string,
    });
  });
});
