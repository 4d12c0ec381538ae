import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBuffer, fromText } from '../../src/formats/bytes/index.ts';
import { must } from '../support/command.ts';
import { importLayout } from '../support/oci-import.ts';
import { type HandMade, named, writeImage } from '../support/oci-layout.ts';
import { aptLayer, aptLayerMust, startAptLayer } from '../support/program.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const LONG = 'long enough to be an object of its own, not a part of the image\n'.repeat(3);

let directory: TemporaryDirectory;
let sysroot: string;

beforeAll(() => {
  directory = temporaryDirectory('oci-layers');
  sysroot = directory.join('sysroot');
});
afterAll(() => directory[Symbol.asyncDispose]());

const imported = (source: string, ref: string) => importLayout(sysroot, { source, ref });

describe('layers', () => {
  it('of several compressed members are read to their end', async () => {
    const at = directory.join('members');
    writeImage(at, {
      entries: [named('first'), { ...named('last'), body: Buffer.from(LONG) }],
      pack: 'members',
    });
    expect((await imported(at, 'members')).entries).toBe(3);
  });

  it('that are called packed and are not are taken by what they are', async () => {
    const at = directory.join('not-packed');
    const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
    writeImage(at, { entries: [{ ...named('file'), body: Buffer.from(LONG) }], pack: 'none', mediaType });
    expect((await imported(at, 'not-packed')).entries).toBe(2);
  });

  it.each([
    ['the old GNU format', ['--format=gnu']],
    ['pax 0.0', ['--format=posix', '--sparse-version=0.0']],
    ['pax 0.1', ['--format=posix', '--sparse-version=0.1']],
    ['pax 1.0', ['--format=posix', '--sparse-version=1.0']],
  ])('with holes in %s have the same files, which take no space', async (name, options) => {
    const at = directory.join(`holes-${name.replaceAll(' ', '-')}`);
    const root = `${at}-root`;
    const size = 200_000_000;
    fs.mkdirSync(root);
    const fd = fs.openSync(`${root}/lastlog`, 'w');
    for (let piece = 0; piece < 40; piece++) fs.writeSync(fd, `${name} ${piece}`, piece * 4_000_000 + 5000);
    fs.ftruncateSync(fd, size);
    fs.closeSync(fd);
    const archive = execFileSync('tar', ['-C', root, '-S', ...options, '-c', 'lastlog'], {
      maxBuffer: 1 << 26,
    });
    writeImage(at, { entries: [], archive });
    await imported(at, 'holes');
    const out = `${at}-out`;
    await aptLayerMust(sysroot, ['image', 'checkout', 'holes', out]);
    await must('cmp', [`${root}/lastlog`, `${out}/lastlog`]);
    const objects = await must('find', [
      `${sysroot}/composefs/objects`,
      '-size',
      '+1000000k',
      '-printf',
      '%b\\n',
    ]);
    const blocks = objects.trim().split('\n').map(Number);
    expect(blocks.length).toBeGreaterThan(0);
    expect(Math.max(...blocks) * 512).toBeLessThan(size / 50);
    fs.rmSync(out, { recursive: true });
  });

  it('of zeros that are packed to nearly nothing are read, and others of that kind are refused', async () => {
    const MANY = 2 ** 30 + 2 ** 26;
    const mediaType = 'application/vnd.oci.image.layer.v1.tar+zstd';
    const image = async (name: string, byte: string) => {
      const at = directory.join(name);
      fs.mkdirSync(`${at}-root`);
      await must('sh', ['-c', `head -c ${MANY} /dev/zero | tr '\\0' '${byte}' >${at}-root/file`]);
      await must('sh', ['-c', `tar -C ${at}-root -c file | zstd -q -1 -o ${at}.zst`]);
      fs.rmSync(`${at}-root`, { recursive: true });
      const sum = await must('sh', ['-c', `zstd -dcq ${at}.zst | sha256sum`]);
      const packed = fs.readFileSync(`${at}.zst`);
      expect(packed.length * 2000).toBeLessThan(MANY);
      writeImage(at, { entries: [], packed, diffId: sum.slice(0, 64), mediaType });
      return aptLayer(sysroot, ['import', `oci:${at}`, '--ref', name]);
    };
    expect(await image('zeros', '\\0')).toMatchObject({ code: 0 });
    const bomb = await image('bomb', 'a');
    expect(bomb.code).toBe(6);
    expect(bomb.stderr).toContain('unpacks to more than 2000 times its size');
  });

  it('with access lists in text form, as mkosi has them packed, have them', async () => {
    const at = directory.join('acl');
    const root = `${at}-root`;
    fs.mkdirSync(`${root}/journal`, { recursive: true });
    execFileSync('setfacl', ['-m', 'group:4:r-x,default:group:4:r-x', `${root}/journal`]);
    const pack = (...options: string[]) =>
      execFileSync('tar', ['-C', root, '--format=posix', '--acls', ...options, '-c', 'journal']);
    // GNU tar writes names where the packing machine has some.
    const [both, named] = [pack('--xattrs', '--xattrs-include=*'), pack()];
    expect(named.includes('group:adm:r-x')).toBe(true);
    execFileSync('setfacl', ['-b', '-m', 'group:4000:r-x,default:group:4000:r-x', `${root}/journal`]);
    const text = pack();
    for (const archive of [both, text]) expect(archive.includes('SCHILY.acl.access')).toBe(true);
    expect([both, text].map(archive => archive.includes('SCHILY.xattr.system.posix_acl'))).toEqual([
      true,
      false,
    ]);
    for (const [name, archive] of Object.entries({ both, text })) {
      writeImage(`${at}-${name}`, { entries: [], archive });
      await imported(`${at}-${name}`, `acl-${name}`);
      await aptLayerMust(sysroot, ['image', 'checkout', `acl-${name}`, `${at}-${name}-out`]);
      const lists = execFileSync('getfacl', ['-cpn', `${at}-${name}-out/journal`]).toString();
      const number = name === 'both' ? 4 : 4000;
      expect(lists).toContain(`group:${number}:r-x`);
      expect(lists).toContain(`default:group:${number}:r-x`);
    }
    // Whose number that was is not in the archive. (podman and umoci leave all lists in text form out.)
    writeImage(`${at}-named`, { entries: [], archive: named });
    const refused = await aptLayer(sysroot, ['import', `oci:${at}-named`]);
    expect(refused.code).toBe(6);
    expect(refused.stderr).toMatch(/journal\/: the access list .* names group "adm" without its number/);
    expect(refused.stderr).toMatch(/hint: unpack the image with podman or umoci/);
  });

  it('with more names of a file than a file system takes are written out', async () => {
    const NAMES = 65_100;
    const at = directory.join('links');
    const links = Array.from({ length: NAMES - 1 }, (_, index) =>
      named(`d/${index}`, { type: 'hardlink', linkTarget: fromText('d/first') }),
    );
    writeImage(at, { entries: [{ ...named('d/first'), body: Buffer.from(LONG) }, ...links] });
    await imported(at, 'links');
    await aptLayerMust(sysroot, ['image', 'checkout', 'links', `${at}-out`]);
    const inodes = fs.readdirSync(`${at}-out/d`).map(name => fs.statSync(`${at}-out/d/${name}`).ino);
    expect(inodes).toHaveLength(NAMES);
    // ext4 takes 65,000; other file systems more.
    expect(new Set(inodes).size).toBeLessThanOrEqual(2);
    expect(fs.readFileSync(`${at}-out/d/${NAMES - 2}`, 'utf8')).toBe(LONG);
  });

  it('that put a directory in the place of a link of the root are imported as podman has them, with a warning', async () => {
    const [lower, upper] = ['merged-lower', 'merged-upper'].map(name => directory.join(name)) as [
      string,
      string,
    ];
    const at = directory.join('merged');
    fs.mkdirSync(`${lower}/usr/lib`, { recursive: true });
    fs.symlinkSync('usr/lib', `${lower}/lib`);
    fs.mkdirSync(`${upper}/lib`, { recursive: true });
    fs.writeFileSync(`${upper}/lib/x`, 'x');
    await must('umoci', ['init', '--layout', at]);
    await must('umoci', ['new', '--image', `${at}:m`]);
    await must('umoci', [
      'config',
      '--image',
      `${at}:m`,
      '--os',
      'linux',
      '--architecture',
      await must('dpkg', ['--print-architecture']).then(text => text.trim()),
    ]);
    await must('umoci', ['insert', '--image', `${at}:m`, lower, '/']);
    const { stderr: quiet } = await aptLayerMust(sysroot, ['import', `oci:${at}:m`]);
    expect(quiet).not.toContain('cannot start');
    await must('umoci', ['insert', '--image', `${at}:m`, `${upper}/lib`, '/lib']);
    const { stderr } = await aptLayerMust(sysroot, ['import', `oci:${at}:m`, '--ref', 'merged']);
    expect(stderr).toMatch(
      /the layer sha256:[0-9a-f]{64} puts a directory in the place of the link \/lib: .*cannot start/,
    );
    await aptLayerMust(sysroot, ['image', 'checkout', 'merged', `${at}-out`]);
    expect(fs.lstatSync(`${at}-out/lib`).isDirectory()).toBe(true);
    expect(fs.readFileSync(`${at}-out/lib/x`, 'utf8')).toBe('x');
  });

  it('that are not compressed are read, too', async () => {
    const at = directory.join('plain');
    writeImage(at, { entries: [named('etc/plain', { mode: 0o640 })], pack: 'none' });
    expect((await imported(at, 'plain')).entries).toBe(3);
  });

  it('of Docker are read by the names that Docker gives them', async () => {
    const at = directory.join('docker');
    const mediaType = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
    writeImage(at, { entries: [named('etc/docker', { mode: 0o600 })], mediaType });
    const index = `${at}/index.json`;
    const manifest = 'application/vnd.docker.distribution.manifest.v2+json';
    fs.writeFileSync(
      index,
      fs.readFileSync(index, 'utf8').replace('application/vnd.oci.image.manifest.v1+json', manifest),
    );
    expect((await imported(at, 'docker')).entries).toBe(3);
  });

  it('keep metadata, devices and times', async () => {
    const at = directory.join('kinds');
    const xattrs = new Map([[fromText('user.note'), fromBuffer(Buffer.from([0, 255]))]]);
    writeImage(at, {
      entries: [
        named('', { type: 'directory', mode: 0o711, uid: 3, mtime: 7 }),
        named('dev/null', { type: 'character', rdev: 0x103, mode: 0o666 }),
        named('dev/loop0', { type: 'block', rdev: 0x700, mode: 0o660, gid: 6 }),
        named('pipe', { type: 'fifo', mode: 0o600 }),
        {
          ...named('file', { mtime: 1_600_000_000, mtimeNsec: 123_456_789, xattrs, uid: 70_000 }),
          body: Buffer.from(LONG),
        },
        named('hard', { type: 'hardlink', linkTarget: fromText('file') }),
      ],
    });
    await imported(at, 'kinds');
    const out = directory.join('kinds-out');
    await aptLayerMust(sysroot, ['image', 'checkout', 'kinds', out]);
    const facts = (name: string) => {
      const { mode, uid, gid, rdev, nlink, mtimeMs } = fs.lstatSync(`${out}/${name}`);
      return { mode: (mode & 0o7777).toString(8), uid, gid, rdev, nlink, mtimeMs };
    };
    expect(facts('')).toMatchObject({ mode: '711', uid: 3, mtimeMs: 7000 });
    expect(facts('dev/null')).toMatchObject({ mode: '666', rdev: 0x103 });
    expect(facts('dev/loop0')).toMatchObject({ mode: '660', gid: 6, rdev: 0x700 });
    expect(facts('pipe')).toMatchObject({ mode: '600' });
    expect(facts('file')).toMatchObject({ uid: 70_000, nlink: 2, mtimeMs: 1_600_000_000_123.456_8 });
    expect(
      await must('getfattr', ['--absolute-names', '-e', 'hex', '-n', 'user.note', `${out}/hard`]),
    ).toContain('0x00ff');
  });

  it.each<[string, HandMade, string]>([
    ['a path that leads outside', { entries: [named('../evil')] }, 'has a ..'],
    [
      'a hard link that leads outside',
      { entries: [named('x', { type: 'hardlink', linkTarget: fromText('../../etc/passwd') })] },
      'has a ..',
    ],
    [
      'a way through a link to itself',
      { entries: [named('etc', { type: 'symlink', linkTarget: fromText('/etc') }), named('etc/evil')] },
      'etc/evil goes through links that lead back to themselves',
    ],
    [
      'another archive than its configuration says',
      { entries: [named('x')], diffId: '0'.repeat(64) },
      'instead of sha256:000',
    ],
    [
      'a kind of layer that is not known',
      { entries: [named('x')], mediaType: 'application/x.tar+lzma' },
      'is not supported',
    ],
  ])('%s is refused, and nothing is kept', async (name, image, message) => {
    const at = directory.join(name.replaceAll(' ', '-'));
    writeImage(at, image);
    const { code, stderr } = await aptLayer(sysroot, ['import', `oci:${at}`, '--ref', 'evil']);
    expect(stderr).toContain(message);
    expect([1, 6]).toContain(code);
    expect(fs.existsSync(`${sysroot}/composefs/images/refs/base/evil`)).toBe(false);
  });

  it('for another machine are refused', async () => {
    const at = directory.join('other-machine');
    writeImage(at, { entries: [named('x')], architecture: 's390x' });
    const { code, stderr } = await aptLayer(sysroot, ['import', `oci:${at}`]);
    expect(code).toBe(4);
    expect(stderr).toContain('the image is for linux/s390x');
  });

  it.each([
    ['has another byte', (path: string) => flip(path), 'has the SHA-256'],
    ['is cut off', (path: string) => fs.truncateSync(path, 40), 'has 40 bytes instead of'],
    ['is gone', (path: string) => fs.rmSync(path), 'is missing'],
    ['is a FIFO', (path: string) => fifo(path), 'is not a file'],
    ['is a link to something else', (path: string) => link(path), ''],
  ])('whose blob %s are refused with the digest', async (what, damage, message) => {
    const at = directory.join(`damaged-${what.replaceAll(' ', '-')}`);
    const layer = writeImage(at, { entries: [named(`x-${what}`)] });
    damage(layer);
    const { code, stderr } = await aptLayer(sysroot, ['import', `oci:${at}`]);
    expect(code).not.toBe(0);
    expect(code).not.toBe(70);
    expect(stderr).toContain(message);
    expect(stderr).toContain(layer.split('/').at(-1));
  });
});

describe('a layout on a file system that does not answer', () => {
  it.each([
    ['import', (at: string) => ['import', `oci:${at}`]],
    ['export', (at: string) => ['export', 'local://plain', `oci:${at}`]],
  ])('is waited for by %s, which can be interrupted and holds no lock', async (_, argsFor) => {
    const at = directory.join('dead');
    fs.mkdirSync(at, { recursive: true });
    // Whoever should answer only keeps the descriptor open. -i: not by the helper of the package fuse3, which wants a program.
    const options = 'fd=3,rootmode=40000,user_id=0,group_id=0';
    const script = `exec 3<>/dev/fuse; mount -i -t fuse -o ${options} none "$1"; echo mounted; exec sleep 1000`;
    const server = spawn('sh', ['-c', script, 'sh', at], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise(resolve => server.stdout.once('data', resolve));
    try {
      await using running = startAptLayer(sysroot, argsFor(at));
      await expect.poll(() => headOf(at), { timeout: 60_000 }).toBe(true);
      await aptLayerMust(sysroot, ['image', 'import', `${directory.path}/empty`, '--ref', 'empty']);
      running.killAlone('SIGINT');
      expect((await running.ended).code).toBe(130);
    } finally {
      server.kill('SIGKILL');
      await must('umount', ['--lazy', at]);
    }
  });

  /** Whether somebody is waiting for it. */
  function headOf(at: string): boolean {
    return execFileSync('ps', ['-eo', 'args']).toString().includes(`head --bytes=1 -- ${at}/`);
  }

  beforeAll(async () => {
    fs.mkdirSync(`${directory.path}/empty`);
    await aptLayerMust(sysroot, ['image', 'import', `${directory.path}/empty`, '--ref', 'plain']);
  });
});

function flip(path: string): void {
  const bytes = fs.readFileSync(path);
  bytes[30] = (bytes[30] ?? 0) ^ 1;
  fs.writeFileSync(path, bytes);
}

function fifo(path: string): void {
  fs.rmSync(path);
  execFileSync('mkfifo', [path]);
}

function link(path: string): void {
  fs.renameSync(path, `${path}-elsewhere`);
  fs.symlinkSync(`${path}-elsewhere`, path);
}
