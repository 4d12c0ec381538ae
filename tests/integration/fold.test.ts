import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromText } from '../../src/formats/bytes/index.ts';
import type { Tree } from '../../src/formats/tree/index.ts';
import { foldUpper } from '../../src/layer/fold.ts';
import { withScratch } from '../../src/sandbox/index.ts';
import {
  checkout,
  imageFile,
  importDirectory,
  ingestFiles,
  objectsDirectory,
  readImage,
  writeImageObject,
} from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { createSys } from '../../src/sys/index.ts';
import { must } from '../support/command.ts';
import { compareTrees, renderDifferences } from '../support/compare-trees.ts';
import { testHost } from '../support/host.ts';
import { randomSource } from '../support/random-tree.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const sys = createSys();
const raw = (root: string, name: string) => Buffer.from(`${root}/${name}`, 'latin1');

/** A small system below: files of all sizes, links, nested directories, xattrs, a name that is not UTF-8. */
function makeBase(root: string): void {
  for (const path of ['usr/bin', 'usr/lib/deep/deeper', 'etc/conf.d', 'var/lib/data', 'opt/app/share'])
    fs.mkdirSync(`${root}/${path}`, { recursive: true });
  for (let index = 0; index < 40; index++) {
    const directory = ['usr/bin', 'usr/lib/deep', 'usr/lib/deep/deeper', 'etc/conf.d', 'opt/app/share'][
      index % 5
    ];
    fs.writeFileSync(`${root}/${directory}/file-${index}`, `${index} `.repeat(index * 7));
  }
  fs.linkSync(`${root}/usr/bin/file-10`, `${root}/usr/bin/linked`);
  fs.symlinkSync('file-0', `${root}/usr/bin/link`);
  fs.writeFileSync(raw(root, 'etc/\xff\xe9'), 'odd name'.repeat(20));
  fs.writeFileSync(`${root}/usr/lib/large`, Buffer.alloc(3_000_000, 'L'));
  sys.setXattr(`${root}/usr/bin/file-5`, fromText('user.note'), fromText('kept'));
  fs.chownSync(`${root}/etc/conf.d`, 3, 4);
}

/** Shows the overlay's own view and the folded tree to compareTrees after `change` worked on the mounted root. */
async function check(
  work: TemporaryDirectory,
  change: (root: string) => void,
  tmpfsBytes?: number,
): Promise<void> {
  const host = testHost();
  fs.mkdirSync(work.join('base'));
  makeBase(work.join('base'));
  const store = ensureStore(host, work.join('composefs'));
  const digest = await writeImageObject(
    store,
    await importDirectory(store, work.join('base'), { mode: 'copy' }),
  );
  const before = fs.readFileSync(imageFile(store, digest));
  const base: Tree = readImage(store, digest);
  fs.mkdirSync(work.join('scratch'));
  const options = {
    image: { imagePath: imageFile(store, digest), objectsPath: objectsDirectory(store) },
    directory: work.join('scratch'),
    ...(tmpfsBytes === undefined ? {} : { tmpfsBytes }),
  };
  await withScratch(host, options, async scratch => {
    const root = `/proc/${scratch.pid}/root${scratch.root}`;
    change(root);
    await must('cp', ['--archive', root, work.join('expected')]);
    const folded = foldUpper(host.sys, base, scratch.upper);
    const mode = scratch.upperOnDisk ? 'adopt' : 'copy';
    const digests = await ingestFiles(
      store,
      folded.pending.map(({ path, file }) => ({ path, size: file.size, mode })),
    );
    folded.pending.forEach(({ file }, index) => {
      file.content = { kind: 'object', digest: digests[index] ?? '' };
    });
    const again = readImage(store, writeImageObject(store, folded.tree));
    await checkout(store, again, work.join('actual'));
  });
  // The root keeps the metadata of the base: the upper layer's own root is ours.
  for (const name of ['expected', 'actual']) fs.utimesSync(work.join(name), 0, 0);
  expect(renderDifferences(compareTrees(work.join('expected'), work.join('actual'), { mtimes: true }))).toBe(
    '',
  );
  // What is below did not change.
  expect(fs.readFileSync(imageFile(store, digest)).equals(before)).toBe(true);
  expect(writeImageObject(store, base)).toBe(digest);
}

const CHANGES: readonly [string, (root: string) => void][] = [
  [
    'new files, directories, links and devices',
    root => {
      fs.mkdirSync(`${root}/new/sub`, { recursive: true, mode: 0o750 });
      fs.writeFileSync(`${root}/new/small`, 'tiny');
      fs.writeFileSync(`${root}/new/empty`, '');
      fs.writeFileSync(`${root}/new/big`, Buffer.alloc(100_000, 'b'), { mode: 0o600 });
      fs.linkSync(`${root}/new/big`, `${root}/new/sub/same`);
      fs.symlinkSync('/etc/passwd', `${root}/new/absolute`);
      sys.mknod(`${root}/new/device`, 0o020660, 0x103);
      sys.mknod(`${root}/new/fifo`, 0o010644, 0);
      fs.writeFileSync(raw(root, 'new/\x80\xfe'), 'x'.repeat(100));
      sys.setXattr(
        `${root}/new/big`,
        fromText('security.capability'),
        '\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00' as never,
      );
    },
  ],
  [
    'removed files and directories',
    root => {
      fs.rmSync(`${root}/usr/bin/file-0`);
      fs.rmSync(`${root}/opt`, { recursive: true });
      fs.rmSync(raw(root, 'etc/\xff\xe9'));
    },
  ],
  [
    'a directory removed and made again',
    root => {
      fs.rmSync(`${root}/etc/conf.d`, { recursive: true });
      fs.mkdirSync(`${root}/etc/conf.d`);
      fs.writeFileSync(`${root}/etc/conf.d/only`, 'only this');
    },
  ],
  [
    'a file for a directory and a directory for a file',
    root => {
      fs.rmSync(`${root}/opt/app`, { recursive: true });
      fs.writeFileSync(`${root}/opt/app`, 'now a file');
      fs.rmSync(`${root}/usr/bin/file-5`);
      fs.mkdirSync(`${root}/usr/bin/file-5`);
    },
  ],
  [
    'only metadata: modes, owners, times, xattrs',
    root => {
      fs.chmodSync(`${root}/usr/bin/file-35`, 0o4711);
      fs.chownSync(`${root}/usr/lib/large`, 7, 8);
      fs.utimesSync(`${root}/usr/lib/deep/file-6`, 1000, 2000);
      fs.chmodSync(`${root}/usr/lib/deep`, 0o700);
      sys.setXattr(`${root}/usr/lib/deep/deeper/file-12`, fromText('user.new'), fromText('1'));
      sys.removeXattr(`${root}/usr/bin/file-5`, fromText('user.note'));
    },
  ],
  [
    'renamed files, also after a change of mode',
    root => {
      fs.renameSync(`${root}/usr/lib/large`, `${root}/usr/bin/moved`);
      fs.chmodSync(`${root}/usr/bin/moved`, 0o600);
      fs.chmodSync(`${root}/usr/bin/file-15`, 0o777);
      fs.renameSync(`${root}/usr/bin/file-15`, `${root}/usr/bin/file-20`);
    },
  ],
  [
    'renamed directories, and changes below them',
    root => {
      fs.renameSync(`${root}/usr/lib/deep`, `${root}/var/lib/shallow`);
      fs.rmSync(`${root}/var/lib/shallow/file-1`);
      fs.chmodSync(`${root}/var/lib/shallow/deeper/file-2`, 0o640);
      fs.writeFileSync(`${root}/var/lib/shallow/deeper/more`, 'm'.repeat(80));
      fs.mkdirSync(`${root}/usr/lib/deep`);
      fs.renameSync(`${root}/var/lib/shallow/deeper`, `${root}/usr/lib/deep/again`);
    },
  ],
  [
    'appended and truncated files',
    root => {
      fs.appendFileSync(`${root}/usr/bin/file-25`, 'more');
      fs.truncateSync(`${root}/usr/lib/large`, 10);
      fs.writeFileSync(`${root}/usr/bin/file-30`, '');
    },
  ],
];

describe('foldUpper gives the tree that the kernel shows', () => {
  it.each(CHANGES)('%s', async (_, change) => {
    await using onDisk = temporaryDirectory('fold');
    await check(onDisk, change);
    await using inMemory = temporaryDirectory('fold');
    await check(inMemory, change, 64 * 1024 * 1024);
  });

  it.each([1, 2, 3, 4, 5, 6])('after 300 random operations (seed %i)', async seed => {
    await using work = temporaryDirectory('fold');
    await check(work, root => randomOperations(root, seed), seed % 2 === 0 ? 64 * 1024 * 1024 : undefined);
  });
});

/** Operations that fail (a directory into itself, a name that is gone) are part of the game. */
function randomOperations(root: string, seed: number): void {
  const below = randomSource(seed);
  const everything = () => fs.readdirSync(root, { recursive: true, encoding: 'latin1' });
  const pick = () => {
    const all = everything();
    return all[below(all.length)] ?? 'usr';
  };
  const operations: readonly ((path: Buffer, other: Buffer) => void)[] = [
    path => fs.rmSync(path, { recursive: true }),
    path => fs.chmodSync(path, 0o600 + below(0o177)),
    path => fs.lchownSync(path, below(5), below(5)),
    path => fs.writeFileSync(path, 'w'.repeat(below(300))),
    path => fs.appendFileSync(path, 'a'.repeat(below(100))),
    path => fs.mkdirSync(Buffer.concat([path, Buffer.from(`-d${below(9)}`)])),
    path => fs.writeFileSync(Buffer.concat([path, Buffer.from(`/f${below(9)}`)]), 'n'.repeat(below(200))),
    (path, other) => fs.renameSync(path, Buffer.concat([other, Buffer.from(`-r${below(9)}`)])),
    (path, other) => fs.renameSync(path, other),
    (path, other) => fs.linkSync(path, Buffer.concat([other, Buffer.from(`-l${below(9)}`)])),
    (path, other) => fs.symlinkSync(other.subarray(-5), Buffer.concat([path, Buffer.from('-s')])),
  ];
  for (let step = 0; step < 300; step++) {
    const operation = operations[below(operations.length)];
    try {
      operation?.(raw(root, pick()), raw(root, pick()));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }
}
