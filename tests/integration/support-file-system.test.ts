import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type FileSystemKind, loopFileSystem } from '../support/loop-file-system.ts';
import { abandonedIn, mountsOf } from '../support/mounts.ts';
import { temporaryDirectory, temporaryRoot } from '../support/temporary.ts';

const mounts = () => fs.readFileSync('/proc/self/mountinfo', 'utf8');
const { COPYFILE_FICLONE_FORCE } = fs.constants;

describe('loopFileSystem', () => {
  it.each<[FileSystemKind, number, boolean]>([
    ['ext4', 0xef53, false],
    ['xfs', 0x58465342, true],
    ['btrfs', 0x9123683e, true],
  ])('mounts %s, keeps files over a remount, and leaves nothing', async (kind, type, reflinks) => {
    let path: string;
    {
      await using fileSystem = await loopFileSystem(kind);
      path = fileSystem.path;
      expect(fs.statfsSync(path).type).toBe(type);
      expect(mountsOf(path)).toHaveLength(1);
      fs.writeFileSync(`${path}/a`, 'kept');
      const clone = () => fs.copyFileSync(`${path}/a`, `${path}/b`, COPYFILE_FICLONE_FORCE);
      if (reflinks) clone();
      else expect(clone).toThrow(/EOPNOTSUPP|ENOTSUP/);
      await fileSystem.remount('ro');
      expect(fs.readFileSync(`${path}/a`, 'utf8')).toBe('kept');
      expect(() => fs.writeFileSync(`${path}/c`, '')).toThrow('EROFS');
    }
    expect(mounts()).not.toContain(path);
    expect(fs.existsSync(path)).toBe(false);
    expect(execFileSync('losetup', ['--list', '--noheadings'], { encoding: 'utf8' })).not.toContain(path);
  });

  it('is full when it is full', async () => {
    await using fileSystem = await loopFileSystem('ext4', 8 * 2 ** 20);
    expect(() => fs.writeFileSync(`${fileSystem.path}/big`, Buffer.alloc(9 * 2 ** 20))).toThrow('ENOSPC');
  });

  it('is unmounted when the test fails and a file is still open', async () => {
    let path = '';
    let open = -1;
    const failing = async () => {
      await using fileSystem = await loopFileSystem('ext4');
      path = fileSystem.path;
      open = fs.openSync(`${path}/held`, 'w');
      throw new Error('test failed');
    };
    await expect(failing()).rejects.toThrow('test failed');
    expect(mounts()).not.toContain(path);
    fs.closeSync(open);
  });
});

it('what a run left in /run is found when its process has ended', () => {
  const NO_PROCESS = 2 ** 22 + 1;
  const [left, used] = [NO_PROCESS, process.pid].map(pid => `control-${pid}-x`) as [string, string];
  for (const name of [left, used]) fs.mkdirSync(`/run/apt-layer/${name}`, { recursive: true });
  expect(abandonedIn('control')).toEqual([left]);
  for (const name of [left, used]) fs.rmdirSync(`/run/apt-layer/${name}`);
});

describe('temporaryDirectory', () => {
  it('can hold the upper directory of an overlay, and goes with what is mounted in it', async () => {
    let path: string;
    {
      await using directory = temporaryDirectory('overlay');
      path = directory.path;
      expect(path.startsWith(temporaryRoot())).toBe(true);
      for (const name of ['lower', 'upper', 'work', 'merged']) fs.mkdirSync(directory.join(name));
      fs.writeFileSync(directory.join('lower', 'file'), 'x');
      const options = `lowerdir=${path}/lower,upperdir=${path}/upper,workdir=${path}/work`;
      execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', options, directory.join('merged')]);
      fs.chmodSync(directory.join('merged', 'file'), 0o600);
      expect(fs.statSync(directory.join('upper', 'file')).mode & 0o777).toBe(0o600);
      fs.writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0xff])]), 'not UTF-8');
    }
    expect(fs.existsSync(path)).toBe(false);
    expect(mounts()).not.toContain(path);
  });
});
