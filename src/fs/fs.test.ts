import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSys, parseFault } from '../sys/index.ts';
import {
  ensureDirectory,
  listDirectory,
  readFileBytes,
  removeTree,
  replaceSymlink,
  writeFileDurable,
} from './index.ts';

const sys = createSys();
let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fs-'));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));
const at = (name: string) => path.join(dir, name);

describe('writeFileDurable', () => {
  it('leaves the old or the new content, and no litter, whichever call fails', () => {
    fs.writeFileSync(at('state'), 'old');
    let failures = 0;
    for (let n = 1; n < 10; n++) {
      const faulty = createSys(parseFault(`eio:${n}`));
      try {
        writeFileDurable(faulty, at('state'), 'new');
      } catch {
        failures += 1;
      }
      expect(['old', 'new']).toContain(fs.readFileSync(at('state'), 'utf8'));
      expect(fs.readdirSync(dir)).toEqual(['state']);
      fs.writeFileSync(at('state'), 'old');
    }
    expect(failures).toBeGreaterThan(3);
  });
});

describe('directories', () => {
  it('makes parents, keeps what is there, refuses a file in the way', () => {
    ensureDirectory(sys, at('a/b/c'));
    ensureDirectory(sys, at('a/b/c'));
    fs.writeFileSync(at('file'), '');
    expect(() => ensureDirectory(sys, at('file'))).toThrow(/ENOTDIR/);
    expect(listDirectory(sys, at('none'))).toEqual([]);
    expect(() => listDirectory(sys, at('file'))).toThrow(/ENOTDIR/);
  });

  it('removes a tree with any names, without following links', () => {
    ensureDirectory(sys, at('keep'));
    ensureDirectory(sys, at('t/sub'));
    fs.writeFileSync(Buffer.concat([Buffer.from(at('t/sub/')), Buffer.from([0x80, 0xff])]), '');
    fs.symlinkSync(at('keep'), at('t/link'));
    removeTree(sys, at('t'));
    removeTree(sys, at('t'));
    expect(fs.readdirSync(dir)).toEqual(['keep']);
  });

  it('replaces a symlink', () => {
    replaceSymlink(sys, 'one', at('l'));
    replaceSymlink(sys, 'two', at('l'));
    expect(fs.readlinkSync(at('l'))).toBe('two');
    expect(fs.readdirSync(dir)).toEqual(['l']);
  });
});

describe('readFileBytes', () => {
  it('reads, and says what is wrong', () => {
    fs.writeFileSync(at('f'), 'text');
    expect(readFileBytes(sys, at('f'), 100).toString()).toBe('text');
    expect(() => readFileBytes(sys, at('f'), 3)).toThrow(/4 bytes long; at most 3/);
    expect(() => readFileBytes(sys, dir, 3)).toThrow(/is a directory/);
    expect(() => readFileBytes(sys, at('no'), 3)).toThrow(/does not exist/);
    expect(() => readFileBytes(sys, '/dev/zero', 1000)).toThrow(/longer than/);
  });
});
