import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testHost } from '../../tests/support/host.ts';
import { fromText } from '../formats/bytes/index.ts';
import { lookup } from '../formats/tree/index.ts';
import { objectPath, verityDigest } from '../formats/verity/index.ts';
import { createSys, parseFault } from '../sys/index.ts';
import {
  checkout,
  deleteRef,
  findRef,
  fsck,
  importDirectory,
  listRefs,
  openStore,
  prune,
  putObject,
  readImage,
  resolveImage,
  setRef,
  unreachable,
  type WritableStore,
  writeImageObject,
} from './index.ts';
import { parseMeta, serializeMeta } from './meta.ts';
import { ensureStore } from './store.ts';

let dir: string;
let store: WritableStore;
beforeEach(() => {
  dir = fs.mkdtempSync('/var/tmp/store-');
  store = ensureStore(testHost(), `${dir}/composefs`);
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

/** A directory with one of everything; two names are not UTF-8. */
function sample(): string {
  const root = `${dir}/sample`;
  fs.mkdirSync(`${root}/usr/bin`, { recursive: true, mode: 0o755 });
  fs.writeFileSync(`${root}/usr/bin/tool`, 'x'.repeat(5000), { mode: 0o755 });
  fs.chmodSync(`${root}/usr/bin/tool`, 0o4755);
  fs.linkSync(`${root}/usr/bin/tool`, `${root}/usr/bin/alias`);
  fs.symlinkSync('tool', `${root}/usr/bin/link`);
  fs.writeFileSync(`${root}/small`, 'tiny');
  fs.writeFileSync(`${root}/empty`, '');
  fs.writeFileSync(Buffer.from(`${root}/\xe9\xff`, 'latin1'), 'n'.repeat(100));
  fs.chownSync(`${root}/small`, 12, 34);
  const sys = createSys();
  sys.mknod(`${root}/null`, 0o020666, 0x103);
  sys.setXattr(`${root}/usr/bin/tool`, fromText('user.note'), fromText('hi'));
  sys.setTimes(`${root}/usr/bin`, { mtime: 1_700_000_000, mtimeNsec: 123 });
  return root;
}

const objectFileOf = (digest: string) => `${dir}/composefs/objects/${objectPath(digest)}`;
const importSample = async () =>
  writeImageObject(store, await importDirectory(store, sample(), { mode: 'copy' }));

describe('import and checkout', () => {
  it('gives the same image again from what was written out', async () => {
    const image = await importSample();
    await checkout(store, readImage(store, image), `${dir}/out`);
    const again = writeImageObject(store, await importDirectory(store, `${dir}/out`, { mode: 'copy' }));
    expect(again).toBe(image);
    const stat = fs.statSync(`${dir}/out/usr/bin/tool`);
    expect([stat.mode & 0o7777, stat.nlink]).toEqual([0o4755, 2]);
    await expect(checkout(store, readImage(store, image), `${dir}/out`)).rejects.toThrow(/not empty/);
  });

  it('adopts scratch files without leaving their metadata on objects', async () => {
    const root = sample();
    const copied = await importSample().catch(() => undefined);
    fs.rmSync(root, { recursive: true });
    const other = ensureStore(testHost(), `${dir}/other`);
    const adopted = writeImageObject(other, await importDirectory(other, sample(), { mode: 'adopt' }));
    expect(fs.existsSync(`${root}/usr/bin/tool`)).toBe(true);
    expect(adopted.length).toBe(copied?.length ?? 64);
    const result = await fsck(other);
    expect(result.findings).toEqual([]);
    expect(result.objects).toBe(3);
  });

  it('stores equal bytes once', async () => {
    expect(putObject(store, Buffer.alloc(100))).toBe(putObject(store, Buffer.alloc(100)));
    expect(fs.statSync(objectFileOf(verityDigest(Buffer.alloc(100), 'sha256'))).mode & 0o7777).toBe(0o644);
  });

  it('uses threads for many files', async () => {
    fs.mkdirSync(`${dir}/many`);
    for (let i = 0; i < 300; i++) fs.writeFileSync(`${dir}/many/${i}`, `${i}`.repeat(100));
    const tree = await importDirectory(store, `${dir}/many`, { mode: 'copy' });
    const node = lookup(tree, fromText('/299'));
    expect(node).toMatchObject({
      content: { digest: verityDigest(Buffer.from('299'.repeat(100)), 'sha256') },
    });
  });
});

describe('refs', () => {
  it('are links as composefs-rs makes them', async () => {
    const image = await importSample();
    setRef(store, 'base/debian/13', image);
    expect(fs.readlinkSync(`${dir}/composefs/images/refs/base/debian/13`)).toBe(
      `../../../../images/${image}`,
    );
    expect(fs.realpathSync(`${dir}/composefs/images/refs/base/debian/13`)).toBe(
      fs.realpathSync(objectFileOf(image)),
    );
    expect(listRefs(store)).toEqual([{ name: 'base/debian/13', image }]);
    for (const name of ['debian/13', 'base/debian/13', image, image.slice(0, 8)])
      expect(resolveImage(store, name)).toBe(image);
    deleteRef(store, 'base/debian/13');
    expect(findRef(store, 'base/debian/13')).toBeUndefined();
    // A directory of refs is none.
    expect(findRef(store, 'base')).toBeUndefined();
    expect(() => resolveImage(store, 'debian/13')).toThrow(/no image "debian\/13"/);
  });

  it.each(['', '..', 'a/../b', '/a', 'a//b', '.hidden', 'a b', 'x'.repeat(500)])(
    'refuse the name %j',
    name => {
      expect(() => setRef(store, name, 'f'.repeat(64))).toThrow(/is not a name/);
    },
  );

  it('show the old or the new image whichever call fails', async () => {
    const image = await importSample();
    setRef(store, 'base/x', image);
    const next = writeImageObject(store, { ...readImage(store, image), mode: 0o700 });
    for (let n = 1; n < 8; n++) {
      const faulty = { ...store, host: testHost({ sys: createSys(parseFault(`eio:${n}`)) }) };
      try {
        setRef(faulty, 'base/x', next);
      } catch (error) {
        expect(String(error)).toMatch(/EIO/);
      }
      expect([image, next]).toContain(findRef(store, 'base/x'));
      setRef(store, 'base/x', image);
    }
  });
});

describe('prune', () => {
  it('removes exactly what no ref reaches', async () => {
    const image = await importSample();
    setRef(store, 'base/x', image);
    const litter = putObject(store, Buffer.alloc(5000, 1));
    fs.writeFileSync(`${dir}/composefs/objects/.tmp-1-x-1`, '');
    expect(unreachable(store)).toMatchObject({ objects: 1, images: 0 });
    expect(prune(store)).toMatchObject({ objects: 1 });
    expect(fs.existsSync(objectFileOf(litter))).toBe(false);
    expect(prune(store)).toEqual({ objects: 0, images: 0, bytes: 0 });
    expect((await fsck(store)).findings).toEqual([]);
    deleteRef(store, 'base/x');
    expect(prune(store)).toMatchObject({ images: 1, objects: 3 });
  });

  it('deletes nothing when a live image cannot be read', async () => {
    const image = await importSample();
    setRef(store, 'base/x', image);
    const litter = putObject(store, Buffer.alloc(5000, 1));
    fs.truncateSync(objectFileOf(image), 100);
    expect(() => prune(store)).toThrow(/is damaged/);
    expect(fs.existsSync(objectFileOf(litter))).toBe(true);
  });
});

describe('fsck', () => {
  const damages: [string, string, (object: string, image: string) => void][] = [
    ['a flipped bit', 'object-damaged', object => flip(object)],
    ['a missing object', 'object-missing', object => fs.unlinkSync(object)],
    ['a longer object', 'object-size', object => fs.appendFileSync(object, 'x')],
    ['a changed mode', 'object-mode', object => fs.chmodSync(object, 0o755)],
    ['a truncated image', 'image-unreadable', (_, image) => fs.truncateSync(image, 8192)],
    ['a missing image', 'object-missing', (_, image) => fs.unlinkSync(image)],
    ['a stray file', 'stray-file', object => fs.writeFileSync(`${object}.orig`, '')],
  ];
  it.each(damages)('finds %s', async (_, kind, damage) => {
    const image = await importSample();
    setRef(store, 'base/x', image);
    expect((await fsck(store)).findings).toEqual([]);
    damage(objectFileOf(verityDigest(Buffer.from('x'.repeat(5000)), 'sha256')), objectFileOf(image));
    expect((await fsck(store)).findings.map(finding => finding.kind)).toContain(kind);
  });
});

describe('meta.json', () => {
  it('says what composefs-rs says', () => {
    expect(parseMeta(serializeMeta('sha512'), 'm')).toEqual({ algorithm: 'sha512', writable: true });
    expect(JSON.parse(fs.readFileSync(`${dir}/composefs/meta.json`, 'utf8'))).toMatchObject({
      version: 1,
      algorithm: 'fsverity-sha256-12',
      erofs_formats: { default: 1 },
    });
  });

  const meta = (changes: object) => JSON.stringify({ ...JSON.parse(serializeMeta('sha256')), ...changes });
  it.each([
    ['{', /not a JSON object/],
    ['[]', /not a JSON object/],
    [meta({ version: 2 }), /version 2/],
    [meta({ algorithm: 'fsverity-md5-12' }), /fsverity-md5-12/],
    [meta({ features: { incompatible: ['zstd'] } }), /needs zstd/],
  ])('refuses %s', (text, reason) => expect(() => parseMeta(text, 'm')).toThrow(reason));

  it('opens a store with an unknown read-only-compatible feature for reading only', () => {
    fs.writeFileSync(`${dir}/composefs/meta.json`, meta({ features: { 'read-only-compatible': ['new'] } }));
    expect(openStore(testHost(), `${dir}/composefs`).algorithm).toBe('sha256');
    expect(() => ensureStore(testHost(), `${dir}/composefs`)).toThrow(/can only read/);
  });
});

function flip(path: string): void {
  execFileSync('sh', ['-c', 'printf y | dd of="$1" bs=1 seek=7 conv=notrunc status=none', 'sh', path]);
}
