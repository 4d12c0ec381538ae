import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromText } from '../../src/formats/bytes/index.ts';
import { lookup } from '../../src/formats/tree/index.ts';
import { fsck, importDirectory, objectFile, prune, setRef, writeImageObject } from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { createSys } from '../../src/sys/index.ts';
import { must } from '../support/command.ts';
import { testHost } from '../support/host.ts';
import { type FileSystemKind, loopFileSystem } from '../support/loop-file-system.ts';

const SIZE_BYTES = 400 * 1024 * 1024;

describe.each<FileSystemKind>(['ext4', 'xfs', 'btrfs'])('a store on %s', kind => {
  it('takes files by copy and by adoption, shares extents where it can, and is whole afterwards', async () => {
    await using disk = await loopFileSystem(kind, SIZE_BYTES);
    const source = `${disk.path}/source`;
    fs.mkdirSync(`${source}/sub`, { recursive: true });
    for (let index = 0; index < 150; index++)
      fs.writeFileSync(`${source}/sub/${index}`, `${index}`.repeat(3000));
    fs.writeFileSync(`${source}/large`, Buffer.alloc(30_000_000, 7));
    const store = ensureStore(testHost(), `${disk.path}/composefs`);
    const tree = await importDirectory(store, source, { mode: 'copy' });
    const copied = writeImageObject(store, tree);
    setRef(store, 'base/copied', copied);
    expect((await fsck(store)).findings).toEqual([]);

    const sys = createSys();
    await must('sync', ['--file-system', disk.path]);
    const large = lookup(tree, fromText('/large'));
    if (large?.kind !== 'file' || large.content.kind !== 'object') throw new Error('no /large in the tree');
    const shared = (await must('filefrag', ['-v', objectFile(store, large.content.digest)])).includes(
      'shared',
    );
    expect(shared).toBe(kind !== 'ext4');

    const other = ensureStore(testHost(), `${disk.path}/other`);
    const adopted = writeImageObject(other, await importDirectory(other, source, { mode: 'adopt' }));
    expect(adopted).toBe(copied);
    expect(sys.lstatIfExists(`${source}/large`)).toBeUndefined();
    setRef(other, 'base/adopted', adopted);
    expect((await fsck(other)).findings).toEqual([]);
    expect(prune(other)).toMatchObject({ objects: 0 });
  });
});
