import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AptLayerError } from '../../src/errors/index.ts';
import type { Tree } from '../../src/formats/tree/index.ts';
import { assertInstallable } from '../../src/layer/assemble/installable.ts';
import { importedPackages } from '../../src/layer/install/index.ts';
import { importDirectory } from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { ODD_PACKAGES, type OddPackage, oddDeb } from '../corpus/odd-packages.ts';
import { unpackMinbase } from '../support/base.ts';
import { must } from '../support/command.ts';
import { testHost } from '../support/host.ts';
import { CHECKOUT } from '../support/places.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

/** Where the program decides otherwise than dpkg, on purpose. */
const OTHERWISE: Readonly<Record<string, string>> = {
  dev: 'Debian Policy 10.6 forbids devices, and images name none',
  dotdot: 'a name with .. is refused wherever it leads',
  linkctl: 'a link in the control archive has no use but to deceive',
  postcrlf: 'dpkg says so when it configures: the script cannot be run',
};

/** dpkg says it in its own words, which the program's message has. */
const WORDS: Readonly<Record<string, string>> = {
  'arch-arm64': 'package architecture (arm64) does not match system (amd64)',
  depempty: "end of file before value of field 'Depends'",
  lastempty: "end of file before value of field 'Homepage'",
  cfnonl: 'missing final newline',
  cfflag: "unknown flag 'bogus-flag'",
  trbad: 'frobnicate',
  'status-field': 'not allowed in this context',
  crlf: '',
};

/** All of them by `npm run corpus`, which also writes the table of results; else a third, by a seed that does not change. */
const IS_WHOLE = process.env['APT_LAYER_CORPUS'] === 'all';
const SEED = 'corpus 1';
const CHOSEN = ODD_PACKAGES.filter(
  ({ name }) => IS_WHOLE || (createHash('sha256').update(`${SEED} ${name}`).digest()[0] ?? 0) % 3 === 0,
);
const RESULTS = `${CHECKOUT}/tests/corpus/odd-packages.md`;
const rows: string[] = [];

let work: TemporaryDirectory;
let base: Tree;
let theirs: ReadonlyMap<string, string>;
const store = () => ensureStore(testHost(), work.join('store'));

beforeAll(async () => {
  work = temporaryDirectory('odd');
  const root = work.join('root');
  await unpackMinbase(root);
  base = await importDirectory(store(), root, { mode: 'copy' });
  fs.mkdirSync(`${root}/odd`);
  for (const one of CHOSEN) fs.writeFileSync(`${root}/odd/${one.name}.deb`, oddDeb(one));
  theirs = await verdictsOfDpkg(root);
});
afterAll(async () => {
  if (IS_WHOLE)
    fs.writeFileSync(
      RESULTS,
      `# Odd packages: what dpkg and apt-layer say\n\nWritten by \`npm run corpus\`.\n\n| entry | stands for | dpkg | apt-layer | why otherwise |\n|---|---|---|---|---|\n${rows.join('\n')}\n`,
    );
  await work[Symbol.asyncDispose]();
});

/** What dpkg says to each, in a chroot whose database is as before each time. */
async function verdictsOfDpkg(root: string): Promise<Map<string, string>> {
  const script = `cd /odd; cp -a /var/lib/dpkg /saved
for file in *.deb; do
  code=0; dpkg --force-unsafe-io --unpack "$file" >/odd/said 2>&1 </dev/null || code=$?
  echo "$file $code $(tr '\\n' ' ' </odd/said)"
  rm -rf /var/lib/dpkg; cp -a /saved /var/lib/dpkg
done`;
  const said = await must(
    'unshare',
    ['--mount', '--pid', '--fork', '--mount-proc', 'chroot', root, 'sh', '-c', script],
    {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    },
  );
  return new Map(
    said
      .trim()
      .split('\n')
      .map(line => {
        const at = line.indexOf('.deb ');
        return [line.slice(0, at), line.slice(at + '.deb '.length)];
      }),
  );
}

/** Nothing of it is used by an import. */
const CONTEXT = { sysroot: '', workDirectory: '', onOutput: () => undefined, logPath: '' };

/** Undefined when the program takes it. */
async function refusal(one: OddPackage): Promise<AptLayerError | undefined> {
  const path = work.join(`${one.name}.deb`);
  const bytes = oddDeb(one);
  fs.writeFileSync(path, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  try {
    const context = { ...CONTEXT, host: testHost(), store: store() };
    const packages = await importedPackages(
      context,
      [{ path, sha256, size: bytes.length }],
      async () => undefined,
    );
    assertInstallable(base, packages, { native: 'amd64', foreign: [] });
    return undefined;
  } catch (error) {
    if ((error as AptLayerError).code === undefined) throw error;
    return error as AptLayerError;
  }
}

describe('what dpkg refuses at unpacking is refused, and what it takes is taken', () => {
  it.each(CHOSEN.map(one => [one.name, one.stands, one] as const))('%s: %s', async (name, _stands, one) => {
    const isTaken = theirs.get(name)?.startsWith('0 ') === true;
    expect(theirs.get(name)).toMatch(/^\d/);
    const error = await refusal(one);
    const verdict = (taken: boolean) => (taken ? 'taken' : 'refused');
    rows.push(
      `| ${name} | ${one.stands} | ${verdict(isTaken)} | ${verdict(error === undefined)} | ${OTHERWISE[name] ?? ''} |`,
    );
    if (Object.hasOwn(OTHERWISE, name)) expect([name, error === undefined]).not.toEqual([name, isTaken]);
    else expect([name, error?.message, error === undefined]).toEqual([name, error?.message, isTaken]);
    if (error !== undefined) {
      expect(error.hint ?? error.message).not.toBe('');
      // The file, or, once it is known, the package.
      expect(error.message).toMatch(new RegExp(`/${name}\\.deb\\b|^odd-${name}\\b`));
    }
    const words = WORDS[name];
    if (words !== undefined && words !== '') {
      expect(error?.message).toContain(words);
      expect(theirs.get(name)).toContain(words.split(' (')[0]);
    }
  });
});
