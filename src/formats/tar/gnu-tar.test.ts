import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLAIN_HEADER } from '../../../tests/support/tar-header.ts';
import { type ByteString, fromText } from '../bytes/index.ts';
import { encodeDevice } from './device.ts';
import { createTarParser, createTarWriter, parseTar, type TarHeader, type TarMember } from './index.ts';

const LONG = `long/${'d'.repeat(60)}/${'n'.repeat(90)}`;
const LATIN1 = Buffer.from('latin1-\xe9', 'latin1');
const MTIME = 1_700_000_000;
const isRoot = process.getuid?.() === 0;

let directory: string;

beforeAll(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'apt-layer-tar-'));
  const source = join(directory, 'source');
  fs.mkdirSync(join(source, 'long', 'd'.repeat(60)), { recursive: true });
  fs.writeFileSync(join(source, 'hello'), 'hello world\n', { mode: 0o640 });
  fs.writeFileSync(join(source, 'block'), Buffer.alloc(1024, 'b'));
  fs.writeFileSync(join(source, 'empty'), '');
  fs.writeFileSync(join(source, 'setuid'), 'x');
  fs.chmodSync(join(source, 'setuid'), 0o4755);
  fs.symlinkSync('../etc/no such', join(source, 'link'));
  fs.linkSync(join(source, 'hello'), join(source, 'twin'));
  execFileSync('mkfifo', [join(source, 'pipe')]);
  if (isRoot) execFileSync('mknod', [join(source, 'device'), 'b', '259', '70000']);
  fs.writeFileSync(join(source, LONG), 'long');
  fs.writeFileSync(Buffer.concat([Buffer.from(`${source}/`), LATIN1]), 'bytes');
  execFileSync('find', [source, '-exec', 'touch', '-h', '-d', `@${MTIME}.25`, '{}', '+']);
});

afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

function packed(options: readonly string[]): Map<string, TarMember> {
  const archive = execFileSync(
    'tar',
    ['-C', join(directory, 'source'), '--sort=name', '-c', ...options, '.'],
    {
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
      maxBuffer: 1 << 26,
    },
  );
  return new Map(parseTar(archive).map(member => [member.entry.path as string, member]));
}

const V7_CANNOT = ['--exclude=./pipe', '--exclude=./device', '--exclude=./long'];

describe('what GNU tar packs', () => {
  it.each([
    ['v7', V7_CANNOT],
    ['oldgnu', []],
    ['gnu', []],
    ['ustar', []],
    ['posix', []],
  ])('as %s is read', (format, options) => {
    const members = packed([`--format=${format}`, ...options]);
    const entry = (path: string) => members.get(path)!.entry;
    expect(entry('')).toMatchObject({ type: 'directory', rawPath: './', size: 0 });
    expect(entry('hello')).toMatchObject({
      type: 'file',
      mode: 0o640,
      size: 12,
      mtime: MTIME,
      xattrs: undefined,
    });
    expect(members.get('hello')!.body.toString()).toBe('hello world\n');
    expect(members.get('block')!.body).toEqual(Buffer.alloc(1024, 'b'));
    expect(entry('empty')).toMatchObject({ type: 'file', size: 0 });
    expect(entry('setuid').mode).toBe(0o4755);
    expect(entry('link')).toMatchObject({ type: 'symlink', linkTarget: '../etc/no such' });
    expect(entry('twin')).toMatchObject({ type: 'hardlink', linkTarget: './hello' });
    expect(members.get('latin1-\xe9')!.body.toString()).toBe('bytes');
    const stat = fs.statSync(join(directory, 'source', 'hello'));
    expect([entry('hello').uid, entry('hello').gid]).toEqual([stat.uid, stat.gid]);
    expect(entry('hello').mtimeNsec).toBe(format === 'posix' ? 250_000_000 : 0);
    if (format === 'v7') return;
    if (isRoot) expect(entry('hello')).toMatchObject({ uname: 'root', gname: 'root' });
    expect(entry('pipe').type).toBe('fifo');
    expect(members.get(LONG)!.body.toString()).toBe('long');
    if (isRoot) expect(entry('device')).toMatchObject({ type: 'block', rdev: encodeDevice(259, 70_000) });
  });

  it('has large numbers', () => {
    const options = ['--owner=:3000000', '--group=:4294967294', '--mtime=@-86400.5', '--numeric-owner'];
    for (const format of ['gnu', 'posix']) {
      const { entry } = packed([`--format=${format}`, ...options]).get('hello')!;
      const [mtime, mtimeNsec] = format === 'posix' ? [-86401, 500_000_000] : [-86401, 0];
      expect(entry).toMatchObject({ uid: 3_000_000, gid: 4_294_967_294, mtime, mtimeNsec });
    }
  });

  it.skipIf(!isRoot)('has xattrs byte for byte', () => {
    const value = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const path = join(directory, 'source', 'setuid');
    const set = (name: string, bytes: Buffer) =>
      execFileSync('setfattr', ['-n', name, '-v', `0x${bytes.toString('hex')}`, path]);
    set('trusted.all=bytes%', value);
    set('trusted.empty', Buffer.alloc(0));
    const members = packed(['--format=posix', '--xattrs', '--xattrs-include=*']);
    expect([...members.get('setuid')!.entry.xattrs!].sort()).toEqual([
      ['trusted.all=bytes%', value.toString('latin1')],
      ['trusted.empty', ''],
    ]);
    expect(members.get('hello')!.entry.xattrs).toBeUndefined();
  });

  describe.each([
    ['the old GNU format', ['--format=gnu']],
    ['pax 0.0', ['--format=posix', '--sparse-version=0.0']],
    ['pax 0.1', ['--format=posix', '--sparse-version=0.1']],
    ['pax 1.0', ['--format=posix', '--sparse-version=1.0']],
  ])('with holes in %s', (_, options) => {
    const PIECES = 60;
    const SIZE = PIECES * 2 ** 17 + 5;
    const sparse = (pieces: number) => {
      const path = join(directory, `holes-${pieces}`);
      const fd = fs.openSync(path, 'w');
      for (let index = 0; index < pieces; index++) fs.writeSync(fd, `piece ${index}`, index * 2 ** 17 + 4096);
      fs.ftruncateSync(fd, SIZE);
      fs.closeSync(fd);
      const archive = execFileSync(
        'tar',
        ['-C', directory, '-S', ...options, '-c', `holes-${pieces}`, 'source/hello'],
        {
          maxBuffer: 1 << 26,
        },
      );
      expect(archive.length).toBeLessThan(SIZE / 4);
      return { path, archive };
    };

    it.each([0, 1, 4, 5, 25, PIECES])('and %i pieces is the same file', pieces => {
      const { path, archive } = sparse(pieces);
      const [member, next] = parseTar(archive, { sparse: 'read' });
      expect(member?.entry).toMatchObject({ path: `holes-${pieces}`, size: SIZE });
      expect(member?.body.equals(fs.readFileSync(path))).toBe(true);
      expect(next?.body.toString()).toBe('hello world\n');
    });

    it('is the same however the archive comes', () => {
      const { path, archive } = sparse(PIECES);
      const bodies: Buffer[] = [];
      const handler = { entry: () => undefined, entryEnd: () => undefined };
      const parser = createTarParser(
        { ...handler, data: chunk => bodies.push(Buffer.from(chunk)) },
        { sparse: 'read' },
      );
      for (let at = 0; at < archive.length; at += 777) parser.write(archive.subarray(at, at + 777));
      parser.end();
      expect(Buffer.concat(bodies).subarray(0, SIZE).equals(fs.readFileSync(path))).toBe(true);
    });

    it('is refused by name where holes are not wanted', () => {
      expect(() => parseTar(sparse(1).archive)).toThrow(/holes-1: files with holes/);
    });
  });

  it.skipIf(!isRoot)('has access lists, by number, in text and in binary form', () => {
    const path = join(directory, 'acl');
    fs.mkdirSync(path);
    execFileSync('setfacl', ['-m', 'user:4000:r-x,group:5000:rwx,default:user:4000:rwx', path]);
    const value = (name: string) =>
      execFileSync('getfattr', ['--only-values', '--absolute-names', '-n', name, path]).toString('latin1');
    const names = ['system.posix_acl_access', 'system.posix_acl_default'];
    const expected = names.map(name => [name, value(name)]);
    for (const more of [[], ['--xattrs', '--xattrs-include=*']]) {
      const archive = execFileSync('tar', [
        '-C',
        directory,
        '--format=posix',
        '--acls',
        ...more,
        '-c',
        'acl',
      ]);
      const [member] = parseTar(archive, { acls: 'read' });
      expect([...(member?.entry.xattrs ?? [])].sort()).toEqual(expected);
    }
    expect(expected[0]?.[1]).toHaveLength(4 + 6 * 8);
  });
});

describe('what we write', () => {
  const plain: TarHeader = { ...PLAIN_HEADER, mtime: MTIME };

  function extracted(
    headers: readonly (Partial<TarHeader> & { body?: string })[],
    options: readonly string[] = [],
  ) {
    const chunks: Buffer[] = [];
    const writer = createTarWriter(chunk => chunks.push(chunk));
    for (const { body = '', ...header } of headers) {
      writer.entry({ ...plain, size: body.length, ...header });
      writer.data(Buffer.from(body));
    }
    writer.end();
    const target = fs.mkdtempSync(join(directory, 'out-'));
    const run = execFileSync(
      'sh',
      [
        '-c',
        'tar -C "$0" --warning=no-timestamp --warning=no-unknown-keyword -xp "$@" 2>&1',
        target,
        ...options,
      ],
      {
        input: Buffer.concat(chunks),
      },
    );
    expect(run.toString()).toBe('');
    return target;
  }

  it('GNU tar unpacks', () => {
    const path = 'p'.repeat(120);
    const owner = isRoot ? { uid: 3_000_000, gid: 0o7777777 } : {};
    const target = extracted([
      { path: fromText(''), type: 'directory', mode: 0o755 },
      { path: fromText(path), type: 'directory', mode: 0o2750, mtime: -5, mtimeNsec: 5 },
      { path: fromText(`${path}/${path}`), body: 'abc', ...owner, mtimeNsec: 123_456_789 },
      { path: fromText('twin'), type: 'hardlink', linkTarget: fromText(`${path}/${path}`) },
      { path: fromText('link'), type: 'symlink', linkTarget: fromText(`${path}/${path}`) },
      { path: fromText('pipe'), type: 'fifo' },
      { path: 'latin1-\xe9' as ByteString, body: 'bytes' },
      { path: `${'\xe9'.repeat(130)}` as ByteString, body: 'more bytes' },
    ]);
    const file = join(target, path, path);
    expect(fs.readFileSync(file, 'utf8')).toBe('abc');
    const stat = fs.statSync(file, { bigint: true });
    expect(stat.mtimeNs).toBe(BigInt(MTIME) * 1_000_000_000n + 123_456_789n);
    if (isRoot) expect([stat.uid, stat.gid]).toEqual([3_000_000n, 0o7777777n]);
    expect(stat.ino).toBe(fs.statSync(join(target, 'twin'), { bigint: true }).ino);
    expect(fs.readlinkSync(join(target, 'link'))).toBe(`${path}/${path}`);
    expect(fs.lstatSync(join(target, 'pipe')).isFIFO()).toBe(true);
    expect(fs.statSync(join(target, path)).mode & 0o7777).toBe(0o2750);
    expect(fs.readFileSync(Buffer.concat([Buffer.from(`${target}/`), LATIN1]), 'utf8')).toBe('bytes');
    const long = Buffer.concat([Buffer.from(`${target}/`), Buffer.alloc(130, 0xe9)]);
    expect(fs.readFileSync(long, 'utf8')).toBe('more bytes');
  });

  it.skipIf(!isRoot)('GNU tar unpacks with devices and xattrs', () => {
    const value = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('') as ByteString;
    const xattrs = new Map([
      [fromText('trusted.all=bytes%'), value],
      [fromText('trusted.empty'), fromText('')],
    ]);
    const target = extracted(
      [
        { path: fromText('disk'), type: 'block', rdev: encodeDevice(259, 70_000) },
        { path: fromText('file'), xattrs },
      ],
      ['--xattrs', '--xattrs-include=*'],
    );
    expect(fs.statSync(join(target, 'disk')).rdev).toBe(encodeDevice(259, 70_000));
    const dump = execFileSync('getfattr', ['-d', '-m', '-', '-e', 'hex', join(target, 'file')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const hex = Buffer.from(value, 'latin1').toString('hex');
    expect(dump.toString()).toContain(`bytes%=0x${hex}`);
    expect(dump.toString()).toMatch(/trusted\.empty=?(0x)?\n/);
  });
});
