import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteString } from '../formats/bytes/index.ts';
import { createSys, parseFault } from './index.ts';
import { fromNode } from './stat.ts';

const bytes = (text: string) => text as ByteString;
const sys = createSys();
let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sys-'));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

describe('stat', () => {
  it('agrees with node and keeps nanoseconds', () => {
    const file = path.join(dir, 'f');
    fs.writeFileSync(file, 'hello', { mode: 0o640 });
    sys.setTimes(file, { mtime: -5, mtimeNsec: 123456789 });
    const stat = sys.lstat(file);
    const node = fs.lstatSync(file);
    expect(stat).toMatchObject({
      mode: node.mode,
      size: 5,
      nlink: 1,
      ino: node.ino,
      mtime: -5,
      mtimeNsec: 123456789,
    });
    expect(stat.uid).toBe(node.uid);
  });

  it('is the same through node, which is used until the addon is loaded', () => {
    const file = path.join(dir, 'f');
    fs.writeFileSync(file, 'hello', { mode: 0o4640 });
    sys.setTimes(file, { mtime: -5, mtimeNsec: 123456789 });
    sys.mknod(path.join(dir, 'd'), 0o060600, 0x10072c);
    fs.symlinkSync('x', path.join(dir, 'l'));
    for (const name of [
      file,
      path.join(dir, 'd'),
      path.join(dir, 'l'),
      dir,
      '/dev/null',
      '/proc/self',
      '/dev/pts',
    ])
      expect(fromNode(fs.lstatSync(name, { bigint: true }))).toEqual(sys.lstat(name));
  });

  it('does not follow links and tells absence from failure', () => {
    fs.symlinkSync('nowhere', path.join(dir, 'l'));
    expect(sys.lstat(path.join(dir, 'l')).mode & 0o170000).toBe(0o120000);
    expect(sys.lstatIfExists(path.join(dir, 'none'))).toBeUndefined();
    expect(() => sys.lstat(path.join(dir, 'none'))).toThrow(/ENOENT.*none/);
  });

  it('refuses a path with a NUL byte', () => {
    expect(() => sys.lstat(Buffer.from('/tmp\0/x'))).toThrow(/NUL/);
  });

  it('gives device numbers in the 32-bit form', () => {
    expect(sys.lstat('/dev/null').rdev).toBe(0x103);
  });
});

describe('xattrs', () => {
  it('keeps binary values, on symlinks and on names that are not UTF-8', () => {
    const file = Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff, 0xfe])]);
    fs.writeFileSync(file, '');
    const value = bytes(String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i)));
    sys.setXattr(file, bytes('trusted.test'), value);
    sys.setXattr(file, bytes('user.empty'), bytes(''));
    expect(sys.xattrs(file)).toEqual(
      new Map([
        ['trusted.test', value],
        ['user.empty', ''],
      ]),
    );
    sys.removeXattr(file, bytes('trusted.test'));
    expect(sys.xattrs(file)?.size).toBe(1);
    fs.symlinkSync('x', path.join(dir, 'l'));
    sys.setXattr(path.join(dir, 'l'), bytes('trusted.on-link'), bytes('1'));
    expect(sys.xattrs(path.join(dir, 'l'))?.get(bytes('trusted.on-link'))).toBe('1');
    expect(sys.readdir(dir).sort()).toEqual(['l', 'ÿþ'].sort());
  });
});

describe('names', () => {
  it('links an unnamed file into place once', () => {
    const fd = sys.openTemporary(dir, 0o644);
    expect(fd).toBeDefined();
    sys.write(fd!, Buffer.from('data'));
    sys.linkTemporary(fd!, path.join(dir, 'named'));
    expect(() => sys.linkTemporary(fd!, path.join(dir, 'named'))).toThrow(/EEXIST/);
    sys.close(fd!);
    expect(fs.readFileSync(path.join(dir, 'named'), 'utf8')).toBe('data');
  });

  it('renames without replacing, and exchanges', () => {
    fs.writeFileSync(path.join(dir, 'a'), 'a');
    fs.writeFileSync(path.join(dir, 'b'), 'b');
    expect(() => sys.renameNoReplace(path.join(dir, 'a'), path.join(dir, 'b'))).toThrow(/EEXIST/);
    sys.exchange(path.join(dir, 'a'), path.join(dir, 'b'));
    expect(fs.readFileSync(path.join(dir, 'a'), 'utf8')).toBe('b');
  });

  it('makes devices and whiteouts', () => {
    sys.mknod(path.join(dir, 'w'), 0o020000, 0);
    expect(sys.lstat(path.join(dir, 'w'))).toMatchObject({ rdev: 0, mode: 0o020000 });
    sys.mknod(path.join(dir, 'loop300'), 0o060600, 0x10072c);
    expect(sys.lstat(path.join(dir, 'loop300')).rdev).toBe(0x10072c);
  });
});

describe('locks', () => {
  it('is exclusive between open files', () => {
    const a = sys.openDirectory(dir);
    const b = sys.openDirectory(dir);
    expect(sys.tryLock(a)).toBe(true);
    expect(sys.tryLock(b)).toBe(false);
    sys.close(a);
    expect(sys.tryLock(b)).toBe(true);
    sys.close(b);
  });
});

describe('faults', () => {
  it('strikes once, at the N-th mutating call', () => {
    const faulty = createSys(parseFault('enospc:2'));
    faulty.mkdir(path.join(dir, '1'), 0o755);
    faulty.lstat(dir);
    expect(() => faulty.mkdir(path.join(dir, '2'), 0o755)).toThrow(/ENOSPC/);
    faulty.mkdir(path.join(dir, '3'), 0o755);
    expect(fs.readdirSync(dir).sort()).toEqual(['1', '3']);
  });

  it('counts over threads that share the counter, and dies for real', () => {
    const fault = parseFault('die:3')!;
    createSys({ ...fault, at: 99 }).mkdir(path.join(dir, 'x'), 0o755);
    expect(fault.counter[0]).toBe(1);
    const script = `process.kill(process.pid, 'SIGKILL'); console.log('alive')`;
    expect(() => execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })).toThrow(
      /SIGKILL|Command failed/,
    );
  });

  it.each(['', 'die', 'die:x', 'explode:1'])('refuses %j', text => expect(parseFault(text)).toBeUndefined());
});
