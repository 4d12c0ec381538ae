import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ByteString, fromText } from '../../src/formats/bytes/index.ts';
import { createTarWriter, type TarHeader } from '../../src/formats/tar/index.ts';
import { type Directory, lookup } from '../../src/formats/tree/index.ts';
import { verityDigest } from '../../src/formats/verity/index.ts';
import {
  type DebFile,
  importPackages,
  type PackageImage,
  packageIn,
  readPackage,
} from '../../src/layer/package/index.ts';
import { fsck, listRefs, objectFile, type WritableStore } from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { createSys, parseFault } from '../../src/sys/index.ts';
import { execute, type Result } from '../support/command.ts';
import { buildDeb, type DebCompression, type DebDescription } from '../support/deb.ts';
import { testHost } from '../support/host.ts';
import { readDeb } from '../support/package-image.ts';
import { canonicalText } from '../support/random-tree.ts';
import { type Compressor, rawDeb, repackDeb } from '../support/raw-deb.ts';
import { rawTar } from '../support/raw-tar.ts';
import { PLAIN_HEADER } from '../support/tar-header.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { buildProgram } from './programs/build.ts';

const EVERYTHING: DebDescription = {
  name: 'everything',
  files: {
    '/usr/bin/small': { content: 'x', mode: 0o4755 },
    '/usr/lib/everything/inline': 'y'.repeat(64),
    '/usr/lib/everything/object': 'z'.repeat(65),
    '/usr/lib/everything/large': Buffer.alloc(9 * 1024 * 1024, 'large '),
    '/usr/lib/everything/none': '',
    '/usr/lib/everything/again': { hardlink: '/usr/lib/everything/object' },
    '/usr/lib/everything/link': { symlink: '../../bin/small' },
    '/usr/lib/everything/fifo': { fifo: true },
    '/usr/lib/everything/empty': { directory: true, mode: 0o2750, gid: 12 },
    [`/usr/lib/everything/${'deep/'.repeat(40)}${'n'.repeat(200)}`]: 'long name',
    '/usr/lib/everything/müll': { content: 'name', uid: 8, gid: 8 },
    '/etc/everything.conf': 'conf\n',
  },
  conffiles: ['/etc/everything.conf'],
  scripts: { preinst: 'exit 0', postinst: 'exit 0' },
  triggers: ['activate-noawait nothing'],
};

let work: TemporaryDirectory;
beforeAll(() => {
  work = temporaryDirectory('import-deb');
});
afterAll(() => work[Symbol.asyncDispose]());

function fileOf(path: string): DebFile {
  const bytes = fs.readFileSync(path);
  return { path, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

let stores = 0;
function newStore(fault?: string): WritableStore {
  stores += 1;
  const store = ensureStore(testHost(), work.join(`store-${stores}`));
  return fault === undefined ? store : withFault(store, fault);
}

function withFault(store: WritableStore, fault: string): WritableStore {
  return { ...store, host: testHost({ fault: parseFault(fault) }) };
}

function must(store: WritableStore, deb: DebFile): PackageImage {
  const found = readPackage(store, deb.sha256);
  if (found === undefined) throw new Error('the package is not there');
  return found;
}

/** Trees as text, with hard links seen by their content. */
function described({ data, control, entries }: PackageImage) {
  const members = [...control]
    .sort()
    .map(([name, { bytes, mode }]) => [name, mode, bytes.toString('latin1')]);
  return { tree: canonicalText(data), members, entries };
}

async function refusal(action: Promise<unknown>): Promise<{ code?: string; message: string }> {
  return action.then(
    () => ({ message: 'it was accepted' }),
    (error: Error) => error,
  );
}

describe('importing a package', () => {
  it.each<DebCompression>(['none', 'gzip', 'xz', 'zstd'])(
    'packed with %s gives what dpkg-deb shows',
    async compression => {
      const deb = fileOf(await buildDeb({ ...EVERYTHING, compression }, work.join(compression)));
      const store = newStore();
      await importPackages(store, [deb]);
      const expected = readDeb(deb.path, bytes => verityDigest(bytes, 'sha256'));
      expect(described(must(store, deb))).toEqual(described(expected));
      expect((await fsck(store)).findings).toEqual([]);
    },
  );

  it.each<Compressor>(['bzip2', 'lzma'])('whose data is packed with %s as well', async compressor => {
    const plain = await buildDeb(EVERYTHING, work.join(compressor));
    const deb = fileOf(repackDeb(plain, work.join(compressor, 'repacked.deb'), { data: compressor }));
    const store = newStore();
    await importPackages(store, [deb]);
    const expected = readDeb(deb.path, bytes => verityDigest(bytes, 'sha256'));
    expect(described(must(store, deb))).toEqual(described(expected));
    const cut = work.join(compressor, 'cut.deb');
    const bytes = fs.readFileSync(deb.path);
    bytes.fill(0x55, bytes.length - 4000, bytes.length - 3000);
    fs.writeFileSync(cut, bytes);
    const error = await refusal(importPackages(newStore(), [fileOf(cut)]));
    expect(error).toMatchObject({ code: 'FORMAT' });
  });

  it('drops one slash or several in front of names, as dpkg does', async () => {
    const data = tar([
      { path: 'AA', type: 'directory', mode: 0o755 },
      { path: 'AA/etcx', body: BODY },
      { path: 'AA/hard', type: 'hardlink', linkTarget: fromText('/AA/etcx') },
    ]);
    const names: [string, string][] = [
      ['AA/etcx', '//etc/x'],
      ['AA/hard', '/a/hard'],
    ];
    let bytes = data;
    for (const [from, to] of names) bytes = renamed(bytes, from, to);
    bytes = renamed(bytes, '/AA/etcx', '//etc//x');
    fs.writeFileSync(work.join('slash.deb'), deb(bytes));
    const file = fileOf(work.join('slash.deb'));
    const store = newStore();
    await importPackages(store, [file]);
    const { data: root, entries } = must(store, file);
    expect(entries.map(({ path }) => path)).toEqual(['/AA', '/etc/x', '/a/hard']);
    expect(lookup(root, fromText('/a/hard'))).toBe(lookup(root, fromText('/etc/x')));
  });

  it('in threads or alone, in any order, once or twice, gives the same image', async () => {
    const debs = await Promise.all(
      [EVERYTHING, ...['b', 'c', 'd'].map(name => ({ ...EVERYTHING, name }))].map(async description =>
        fileOf(await buildDeb(description, work.join('many'))),
      ),
    );
    const [together, apart] = [newStore(), newStore()];
    await importPackages(together, debs);
    await importPackages(together, debs);
    for (const deb of [...debs].reverse()) await importPackages(apart, [deb]);
    expect(listRefs(together, 'deb/').map(ref => ref.image)).toEqual(
      listRefs(apart, 'deb/').map(ref => ref.image),
    );
    expect(listRefs(together)).toHaveLength(4);
  });

  it('with another hash than expected stores nothing', async () => {
    const deb = fileOf(await buildDeb(EVERYTHING, work.join('hash')));
    const store = newStore();
    const sha256 = '0'.repeat(64);
    const error = await refusal(importPackages(store, [{ ...deb, sha256 }]));
    expect(error).toMatchObject({ code: 'INTEGRITY' });
    expect(error.message).toContain(deb.path);
    expect(error.message).toContain(deb.sha256);
    expect(fs.readdirSync(`${store.root}/objects`)).toEqual([]);
    expect(listRefs(store)).toEqual([]);
  });

  it('broken off at any change leaves nothing visible, and can be done again', async () => {
    const deb = fileOf(
      await buildDeb(
        { name: 'fault', files: { '/a': 'a'.repeat(100), '/b': 'b'.repeat(100) } },
        work.join('fault'),
      ),
    );
    const store = newStore();
    let broken = 0;
    for (const kind of ['eio', 'enospc'])
      for (let at = 1; at < 200; at++) {
        const before = listRefs(store).length;
        const error = await refusal(importPackages(withFault(store, `${kind}:${at}`), [deb]));
        if (error.message === 'it was accepted') {
          if (before === 0) fs.rmSync(`${store.root}/images/refs/deb`, { recursive: true });
          break;
        }
        broken += 1;
        // The last changes come after the name is there.
        if (readPackage(store, deb.sha256) !== undefined)
          fs.rmSync(`${store.root}/images/refs/deb`, { recursive: true });
        expect((await fsck(store)).findings).toEqual([]);
      }
    expect(broken).toBeGreaterThan(10);
    await importPackages(store, [deb]);
    expect(must(store, deb).entries.map(entry => entry.path)).toContain('/b');
  });

  it('that is damaged in the store is noticed, and mended by importing it again', async () => {
    const deb = fileOf(await buildDeb(EVERYTHING, work.join('damage')));
    const store = newStore();
    await importPackages(store, [deb]);
    const { image, data } = must(store, deb);
    const content = lookup(data, fromText('/usr/lib/everything/object'));
    const digests = [
      image,
      content?.kind === 'file' && content.content.kind === 'object' ? content.content.digest : '',
    ];
    for (const digest of digests) {
      const bytes = fs.readFileSync(objectFile(store, digest));
      bytes[10] = (bytes[10] as number) ^ 1;
      fs.writeFileSync(objectFile(store, digest), bytes);
    }
    expect(() => readPackage(store, deb.sha256)).toThrow(expect.objectContaining({ code: 'INTEGRITY' }));
    await importPackages(store, [deb], { repair: true });
    expect(must(store, deb).image).toBe(image);
    expect((await fsck(store)).findings).toEqual([]);
  });
});

function tar(
  members: readonly (Partial<Omit<TarHeader, 'path'>> & { path: string; body?: Buffer })[],
): Buffer {
  const chunks: Buffer[] = [];
  const writer = createTarWriter(chunk => chunks.push(Buffer.from(chunk)));
  for (const { body = Buffer.alloc(0), path, ...header } of members) {
    writer.entry({ ...PLAIN_HEADER, ...header, path: path as ByteString, size: body.length });
    if (body.length > 0) writer.data(body);
  }
  writer.end();
  return Buffer.concat(chunks);
}

const CONTROL = tar([
  { path: 'control', body: Buffer.from('Package: evil\nVersion: 1\nArchitecture: all\n') },
]);

function deb(data: Buffer, control = CONTROL): Buffer {
  return rawDeb(control, data);
}

/** Names that the writer refuses are written over harmless ones of the same length. */
function renamed(archive: Buffer, from: string, to: string): Buffer {
  const at = archive.indexOf(from);
  const bytes = Buffer.from(archive);
  bytes.write(to, at, 'latin1');
  const header = bytes.subarray(Math.floor(at / 512) * 512, Math.floor(at / 512) * 512 + 512);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

const BODY = Buffer.alloc(100, 'body');
const HOSTILE: readonly [string, () => Buffer, RegExp][] = [
  ['an absolute path with ..', () => deb(renamed(tar([{ path: 'AAAA/x' }]), 'AAAA/x', '/../xx')), /\.\./],
  ['a path with ..', () => deb(renamed(tar([{ path: 'a/AA/AA/x' }]), 'a/AA/AA/x', 'a/../../x')), /\.\./],
  [
    'a hard link that leads outside',
    () => deb(tar([{ path: 'x', type: 'hardlink', linkTarget: fromText('../../etc/shadow') }])),
    /\.\./,
  ],
  [
    'a hard link to nothing',
    () => deb(tar([{ path: 'x', type: 'hardlink', linkTarget: fromText('./y') }])),
    /no file before it/,
  ],
  [
    'a file below its own link',
    () =>
      deb(
        tar([
          { path: 'x', type: 'symlink', linkTarget: fromText('/etc') },
          { path: 'x/passwd', body: BODY },
        ]),
      ),
    /goes through x, a symlink/,
  ],
  [
    'a file below a file',
    () =>
      deb(
        tar([
          { path: 'x', body: BODY },
          { path: 'x/y', body: BODY },
        ]),
      ),
    /goes through x, a file/,
  ],
  [
    'a name with a line feed',
    () => deb(tar([{ path: 'usr/a\nb', body: BODY }])),
    /usr\/a\\x0ab has a line feed/,
  ],
  ['a device', () => deb(tar([{ path: 'sda', type: 'block', rdev: 0x800 }])), /sda is a block device/],
  ['a whiteout', () => deb(tar([{ path: 'usr', type: 'character' }])), /usr is a character device/],
  [
    'a size beyond the archive',
    () => deb(renamed(tar([{ path: 'x', body: BODY }]), '00000000144\0', '77777777777\0')),
    /data\.tar: .*(offset|ends)/,
  ],
  ['a data archive that is cut', () => deb(tar([{ path: 'x', body: BODY }]).subarray(0, 550)), /data\.tar/],
  [
    'a control member in a directory',
    () =>
      deb(
        tar([]),
        tar([
          { path: 'a', type: 'directory' },
          { path: 'a/control', body: BODY },
        ]),
      ),
    /control\.tar: .*control member a/,
  ],
  [
    'a control member that is a link',
    () => deb(tar([]), tar([{ path: 'postinst', type: 'symlink', linkTarget: fromText('/bin/sh') }])),
    /control member postinst is a symlink/,
  ],
  ['a file in place of the root', () => deb(renamed(tar([{ path: 'AA', body: BODY }]), 'AA', './')), /root/],
];

/** A root in which dpkg of this machine unpacks what it is given; it says what dpkg says. */
function emptyRoot(name: string): { path: string; unpack(deb: string): Promise<Result> } {
  const path = work.join(name);
  for (const directory of ['info', 'updates', 'triggers'])
    fs.mkdirSync(`${path}/var/lib/dpkg/${directory}`, { recursive: true });
  fs.writeFileSync(`${path}/var/lib/dpkg/status`, '');
  return { path, unpack: deb => execute('dpkg', [`--root=${path}`, '--force-all', '--unpack', deb]) };
}

it('pax records are what dpkg refuses in data.tar, and takes in control.tar; it lists symbolic links last', async () => {
  const root = emptyRoot('dpkg-root-pax');
  const parts = work.join('pax');
  const pack = (member: string, format: string) => {
    const tree = `${parts}/${member}`;
    const names = fs.readdirSync(tree).toSorted();
    const options = ['--no-recursion', `--format=${format}`, '--mtime=@1700000000.5'];
    return execFileSync('tar', ['-C', tree, ...options, '-cf', '-', ...names]);
  };
  fs.mkdirSync(`${parts}/data`, { recursive: true });
  fs.mkdirSync(`${parts}/control`);
  fs.symlinkSync('b', `${parts}/data/a`);
  fs.writeFileSync(`${parts}/data/b`, 'x');
  fs.writeFileSync(
    `${parts}/control/control`,
    'Package: pax\nVersion: 1\nArchitecture: all\nMaintainer: a\nDescription: x\n',
  );
  const store = newStore();
  const unpack = async (name: string, data: string) => {
    fs.writeFileSync(work.join(name), rawDeb(pack('control', 'pax'), pack('data', data)));
    return root.unpack(work.join(name));
  };
  const words = "unsupported PAX tar header type 'x'";
  expect((await unpack('pax.deb', 'pax')).stderr).toContain(words);
  await expect(importPackages(store, [fileOf(work.join('pax.deb'))])).rejects.toThrow(words);

  expect(await unpack('links.deb', 'gnu')).toMatchObject({ code: 0 });
  await importPackages(store, [fileOf(work.join('links.deb'))]);
  const listed = fs.readFileSync(`${root.path}/var/lib/dpkg/info/pax.list`, 'utf8').trim().split('\n');
  expect(must(store, fileOf(work.join('links.deb'))).entries.map(({ path }) => path)).toEqual(listed);
  expect(listed).toEqual(['/b', '/a']);
});

it('a name with a line feed or of more bytes than dpkg has room for is refused as by dpkg, and spaces are what it takes', async () => {
  const unpack = (name: string, path: string) => {
    fs.writeFileSync(work.join(name), deb(tar([{ path, body: BODY }])));
    return emptyRoot(`root-of-${name}`).unpack(work.join(name));
  };
  const refused = await unpack('feed.deb', 'usr/a\nb');
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('newline not allowed');
  expect(await unpack('space.deb', 'a b\tc')).toMatchObject({ code: 0 });
  const store = newStore();
  await importPackages(store, [fileOf(work.join('space.deb'))]);
  expect(listRefs(store)).toHaveLength(1);

  const long = (bytes: number) =>
    buildDeb({ name: `long-${bytes}`, files: { [`/${'n'.repeat(bytes)}`]: 'x' } }, work.join('long'));
  const [most, more] = [await long(246), await long(247)];
  expect(await emptyRoot('root-of-most').unpack(most)).toMatchObject({ code: 0 });
  await importPackages(store, [fileOf(most)]);
  expect((await emptyRoot('root-of-more').unpack(more)).stderr).toMatch(/file name too long/i);
  await expect(importPackages(store, [fileOf(more)])).rejects.toThrow(/file name too long/);
});

it.each([
  ['name', { name: 'a!' }, "invalid package name in 'Package' field: character '!' not allowed"],
  ['architecture', { architecture: 'x86_64' }, 'package architecture (x86_64) does not match system'],
  ['relation', { depends: 'libc6, , dpkg' }, "'Depends' field"],
])(
  'a file with a bad %s is refused when it is read, in the words of dpkg',
  async (what, { name = 'a', architecture = 'all', depends = 'dpkg' }: Record<string, string>, words) => {
    const fields = {
      Package: name,
      Version: '1',
      Architecture: architecture,
      Maintainer: 'a',
      Depends: depends,
    };
    const lines = Object.entries({ ...fields, Description: 'x' }).map(
      ([field, value]) => `${field}: ${value}\n`,
    );
    const path = work.join(`bad-${what}.deb`);
    fs.writeFileSync(path, rawDeb(rawTar([{ name: './control', body: lines.join('') }]), rawTar([])));
    const { path: root } = emptyRoot(`root-of-${what}`);
    expect((await execute('dpkg', [`--root=${root}`, '--unpack', path])).stderr).toContain(words);
    expect(() => packageIn(createSys(), path)).toThrow(words);
  },
);

it('of entries, only as many as memory holds', async () => {
  const program = await buildProgram('import-peak');
  const run = async (count: number) => {
    const path = work.join(`many-${count}.deb`);
    const archive = tar(Array.from({ length: count }, (_, index) => ({ path: `usr/share/many/${index}` })));
    fs.writeFileSync(path, deb(archive));
    const { sha256 } = fileOf(path);
    const { stdout } = await execute(process.execPath, [program, work.join(`peak-${count}`), path, sha256]);
    fs.rmSync(path);
    return stdout.trim();
  };
  // A directory that is only implied is none.
  expect(await run(250_001)).toMatch(/it has more than 250000 entries/);
  const peak = await run(250_000);
  expect(Number(peak), peak).toBeLessThan(1200);
});

describe('a hostile archive', () => {
  it.each(HOSTILE)('with %s is refused, with nothing visible left', async (name, build, message) => {
    const path = work.join(`hostile-${name.replaceAll(/\W/g, '-')}.deb`);
    fs.writeFileSync(path, build());
    const store = newStore();
    const error = await refusal(importPackages(store, [fileOf(path)]));
    expect(error.message).toMatch(message);
    expect(error.message).toContain(path);
    expect(error).toMatchObject({ code: 'FORMAT', hint: expect.any(String) });
    expect(listRefs(store)).toEqual([]);
    expect(fs.readdirSync(`${store.root}/objects`).filter(entry => entry.startsWith('.'))).toEqual([]);
  });

  it.each<DebCompression>(['gzip', 'xz', 'zstd'])(
    'cut or changed anywhere in %s data never gets in',
    async compression => {
      const whole = fs.readFileSync(
        await buildDeb(
          { name: 'cut', files: { '/x': 'x'.repeat(5000), '/y': 'y' }, compression },
          work.join('cut'),
        ),
      );
      const original = newStore();
      fs.writeFileSync(work.join('whole.deb'), whole);
      await importPackages(original, [fileOf(work.join('whole.deb'))]);
      const expected = must(original, fileOf(work.join('whole.deb'))).image;
      const store = newStore();
      for (let at = 0; at < whole.length; at += 37)
        for (const bytes of [whole.subarray(0, at), flipped(whole, at)]) {
          const path = work.join('damaged.deb');
          fs.writeFileSync(path, bytes);
          const error = await refusal(importPackages(store, [fileOf(path)]));
          // Bits that mean nothing may be anything: names of ar members, times.
          if (error.message === 'it was accepted')
            expect(typeof must(store, fileOf(path)).image).toBe('string');
          else expect((error as { code?: string }).code).toMatch(/^(FORMAT|INTEGRITY)$/);
        }
      expect(expected).toMatch(/^[0-9a-f]{64}$/);
    },
  );
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ 0x55;
  return copy;
}

it('a directory of the data archive keeps what the archive says', async () => {
  const path = work.join('root.deb');
  fs.writeFileSync(
    path,
    deb(
      tar([
        { path: '', type: 'directory', mode: 0o711 },
        { path: 'a/b', body: BODY },
      ]),
    ),
  );
  const store = newStore();
  await importPackages(store, [fileOf(path)]);
  const { data } = must(store, fileOf(path));
  expect(data.mode).toBe(0o711);
  expect((lookup(data, fromText('/a')) as Directory).mode).toBe(0o755);
});
