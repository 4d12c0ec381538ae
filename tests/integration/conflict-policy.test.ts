import fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Tree } from '../../src/formats/tree/index.ts';
import {
  describePackage,
  dpkgRecords,
  mergePackages,
  readDpkgDatabase,
} from '../../src/layer/assemble/index.ts';
import { DPKG_POLICIES } from '../../src/layer/metadata-policy/index.ts';
import {
  checkout,
  importDirectory,
  putObject,
  readContent,
  type WritableStore,
} from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { writeText } from '../support/assembly-cases.ts';
import { copyRoot } from '../support/base.ts';
import { must } from '../support/command.ts';
import { compareTrees, TRACES_OF_APT } from '../support/compare-trees.ts';
import { buildDeb, type DebDescription } from '../support/deb.ts';
import { testHost } from '../support/host.ts';
import { readDeb } from '../support/package-image.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const DPKG = ['--force-script-chrootless', '--force-unsafe-io'];
const IGNORED = [...TRACES_OF_APT, /^\/var\/lib\/dpkg\/(status|available|triggers\/.*|lock.*)$/];

const OLD: DebDescription = {
  name: 'old',
  files: { '/usr/share/x': 'old', '/usr/share/link': { symlink: 'x' }, '/usr/share/kept': 'old' },
};
const NEW: DebDescription = {
  name: 'fresh',
  files: {
    '/usr/share/x': { content: 'fresh', mode: 0o755 },
    '/usr/share/link': { symlink: 'own' },
    '/usr/share/own': 'fresh',
  },
};

let work: TemporaryDirectory;
let store: WritableStore;
beforeAll(() => {
  work = temporaryDirectory('conflict-policy');
  store = ensureStore(testHost(), work.join('store'));
});
afterAll(() => work[Symbol.asyncDispose]());

async function makeBase(root: string): Promise<void> {
  for (const directory of [
    'usr/share',
    'etc',
    'var/lib/dpkg/info',
    'var/lib/dpkg/updates',
    'var/lib/dpkg/triggers',
  ])
    fs.mkdirSync(`${root}/${directory}`, { recursive: true });
  writeText(root, '/etc/passwd', 'root:x:0:0::/:/bin/sh\n');
  writeText(root, '/etc/group', 'root:x:0:\n');
  writeText(root, '/var/lib/dpkg/status', '');
  writeText(root, '/var/lib/dpkg/info/format', '1\n');
  const deb = await buildDeb(OLD, work.join('debs'));
  await must('dpkg', [`--root=${root}`, ...DPKG, '--install', deb]);
}

async function assemble(base: string, deb: string): Promise<Tree> {
  const tree = await importDirectory(store, base, { mode: 'copy' });
  const put = (bytes: Buffer) => putObject(store, bytes);
  const read = (file: Parameters<typeof readContent>[1]) => readContent(store, file);
  const packages = [describePackage(readDeb(deb, put))];
  const database = readDpkgDatabase(tree, read);
  const policies = {
    ...DPKG_POLICIES,
    all: { preservePermissions: true, conflictResolution: 'keep-latest' as const },
  };
  const { tree: merged, dropped } = mergePackages(tree, packages, database, { policies });
  const options = { database, dropped, automatic: new Set<string>(), nativeArchitecture: 'amd64', mtime: 0 };
  return dpkgRecords(merged, packages, { ...options, read, put });
}

it('keep-latest does what dpkg does with --force-overwrite, lists included', async () => {
  const [base, theirs, ours] = [work.join('base'), work.join('theirs'), work.join('ours')];
  await makeBase(base);
  await copyRoot(base, theirs);
  const deb = await buildDeb(NEW, work.join('debs'));
  const command = [`--root=${theirs}`, ...DPKG, '--force-overwrite', '--unpack', deb];
  await must('dpkg', command);
  await checkout(store, await assemble(base, deb), ours);
  expect(fs.readFileSync(`${theirs}/var/lib/dpkg/info/old.list`, 'utf8')).not.toContain('/usr/share/x');
  expect(compareTrees(theirs, ours, { ignore: IGNORED })).toEqual([]);
});
