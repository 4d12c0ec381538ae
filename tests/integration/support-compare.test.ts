import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyRoot } from '../support/base.ts';
import { compareTrees, type DifferenceClass, renderDifferences } from '../support/compare-trees.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

let work: TemporaryDirectory;
let expected: string;
let actual: string;

const run = (tool: string, ...args: string[]) => execFileSync(tool, args);

beforeEach(async () => {
  work = temporaryDirectory('compare');
  [expected, actual] = [work.join('expected'), work.join('actual')];
  fs.mkdirSync(`${expected}/d`, { recursive: true });
  fs.writeFileSync(`${expected}/d/file`, 'one\ntwo\n');
  fs.linkSync(`${expected}/d/file`, `${expected}/d/twin`);
  fs.writeFileSync(`${expected}/binary`, Buffer.from([0, 1, 2]));
  fs.writeFileSync(Buffer.concat([Buffer.from(`${expected}/`), Buffer.from([0x66, 0xff])]), 'not UTF-8');
  fs.symlinkSync('d/file', `${expected}/link`);
  run('mknod', `${expected}/device`, 'c', '1', '3');
  run('mkfifo', `${expected}/fifo`);
  run('setfattr', '-n', 'user.colour', '-v', 'red', `${expected}/binary`);
  await copyRoot(expected, actual);
});
afterEach(() => work[Symbol.asyncDispose]());

describe('compareTrees', () => {
  it('finds nothing in a copy', () => {
    expect(compareTrees(expected, actual, { mtimes: true })).toEqual([]);
    expect(renderDifferences([])).toBe('');
  });

  const cases: [string, DifferenceClass, string, string, () => void][] = [
    ['a file gone', 'missing', '/binary', 'file 0644 0:0', () => fs.rmSync(`${actual}/binary`)],
    ['a new file', 'extra', '/d/new', 'fifo 0644 0:0', () => run('mkfifo', `${actual}/d/new`)],
    [
      'another type',
      'type',
      '/fifo',
      'fifo 0644 0:0 -> directory 0755 0:0',
      () => {
        fs.rmSync(`${actual}/fifo`);
        fs.mkdirSync(`${actual}/fifo`);
      },
    ],
    ['set-uid', 'mode', '/binary', '0644 -> 4755', () => fs.chmodSync(`${actual}/binary`, 0o4755)],
    ['an owner', 'owner', '/link', '0:0 -> 1:2', () => fs.lchownSync(`${actual}/link`, 1, 2)],
    [
      'a line, in one of two names',
      'content',
      '/d/file',
      '-two | +2',
      () => fs.writeFileSync(`${actual}/d/file`, 'one\n2\n'),
    ],
    [
      'bytes of the same size',
      'content',
      '/binary',
      '3 bytes ae4b3280e56e -> 3 bytes b744d600fbe3',
      () => fs.writeFileSync(`${actual}/binary`, Buffer.from([0, 1, 3])),
    ],
    [
      'a symlink target',
      'target',
      '/link',
      'd/file -> d/twin',
      () => {
        fs.rmSync(`${actual}/link`);
        fs.symlinkSync('d/twin', `${actual}/link`);
      },
    ],
    [
      'a device number',
      'device',
      '/device',
      '259 -> 261',
      () => {
        fs.rmSync(`${actual}/device`);
        run('mknod', `${actual}/device`, 'c', '1', '5');
      },
    ],
    [
      'an xattr',
      'xattrs',
      '/binary',
      'user.colour=red -> user.colour=blue',
      () => run('setfattr', '-n', 'user.colour', '-v', 'blue', `${actual}/binary`),
    ],
    [
      'a hard link that became a copy',
      'links',
      '/d/file',
      '/d/file /d/twin -> no other name',
      () => {
        fs.rmSync(`${actual}/d/twin`);
        fs.writeFileSync(`${actual}/d/twin`, 'one\ntwo\n');
      },
    ],
  ];

  it.each(cases)('sees %s', (_, kind, path, detail, change) => {
    change();
    const found = compareTrees(expected, actual).filter(one => one.path !== '/d/twin');
    expect(found).toEqual([{ class: kind, path, detail }]);
  });

  it('sees modification times on request', () => {
    fs.utimesSync(`${actual}/binary`, 1, 1);
    expect(compareTrees(expected, actual)).toEqual([]);
    expect(compareTrees(expected, actual, { mtimes: true })).toMatchObject([{ class: 'mtime' }]);
  });

  it('names bytes that are not UTF-8, and reports by class', () => {
    fs.rmSync(Buffer.concat([Buffer.from(`${actual}/`), Buffer.from([0x66, 0xff])]));
    fs.rmSync(`${actual}/fifo`);
    expect(renderDifferences(compareTrees(expected, actual))).toBe(
      'missing (2)\n  /f\\xff: file 0644 0:0\n  /fifo: fifo 0644 0:0',
    );
  });

  it('leaves out ignored paths with what is below, and normalises contents', () => {
    fs.writeFileSync(`${actual}/d/file`, 'two\none\n');
    fs.rmSync(`${actual}/fifo`);
    const sorted = (_: string, content: Buffer) =>
      Buffer.from(content.toString().split('\n').sort().join('\n'));
    expect(compareTrees(expected, actual, { ignore: [/^\/d$/, /^\/fifo$/] })).toEqual([]);
    expect(compareTrees(expected, actual, { ignore: [/^\/fifo$/], normalise: sorted })).toEqual([]);
  });
});
