import { describe, expect, it } from 'vitest';
import { testHost } from '../../../tests/support/host.ts';
import type { Host } from '../../host/index.ts';
import { findFileSystems } from './file-systems.ts';

interface Machine {
  /** Type and UUID by mount point. */
  readonly mounts: Readonly<Record<string, readonly [type: string, uuid: string | null]>>;
  /** Directories there are beside `/`, `/var` and `/var/lib`. */
  readonly directories?: readonly string[];
  readonly usedInVar?: number;
}

/** A host whose file systems are those that a test names. */
function machine({ mounts, directories = [], usedInVar = 1e9 }: Machine): Host {
  const points = Object.keys(mounts).sort((a, b) => b.length - a.length);
  const deviceOf = (path: string) =>
    points.findIndex(point => point === '/' || path === point || path.startsWith(`${point}/`));
  const known = ['/', '/var', '/var/lib', ...directories];
  const stat = (path: string) => (known.includes(path) ? { dev: deviceOf(path) } : undefined);
  const sys = {
    lstat: stat,
    lstatIfExists: stat,
    space: (path: string) =>
      path === '/var'
        ? { totalBytes: 20e9, availableBytes: 20e9 - usedInVar }
        : { totalBytes: 10e9, availableBytes: 5e9 },
  };
  const runner = {
    run: ({ args }: { args: readonly string[] }) => {
      const [fstype, uuid] = mounts[args.at(-1) ?? ''] ?? [];
      const found = { filesystems: [{ fstype, uuid, partuuid: null, fsroot: '/' }] };
      return Promise.resolve({
        exitCode: fstype === undefined ? 1 : 0,
        stdout: Buffer.from(JSON.stringify(found)),
      });
    },
  };
  return testHost({ sys, runner } as unknown as Partial<Host>);
}

const ROOT = { '/': ['ext4', 'r'] } as const;
const APART = { ...ROOT, '/var': ['xfs', 'v'] } as const;
const DEFAULT = '/var/lib/apt-layer';

describe('the file systems of a machine', () => {
  it('are one', async () => {
    const { root, var: own } = await findFileSystems({ host: machine({ mounts: ROOT }), sysroot: DEFAULT });
    expect([root.uuid, own]).toEqual(['r', undefined]);
  });

  it('are two, with the sysroot on the root file system', async () => {
    const found = await findFileSystems({ host: machine({ mounts: APART }), sysroot: '/apt-layer' });
    expect([found.root.uuid, found.var?.uuid, found.var?.type]).toEqual(['r', 'v', 'xfs']);
  });

  it.each<[string, Machine, string, string]>([
    ['a root in memory', { mounts: { '/': ['tmpfs', null] } }, DEFAULT, 'the root file system is tmpfs'],
    ['the sysroot on /var', { mounts: APART }, DEFAULT, 'would not be on the root file system'],
    [
      'the sysroot on /data',
      { mounts: { ...ROOT, '/data': ['ext4', 'd'] }, directories: ['/data'] },
      '/data/a/b',
      'would not be on the root file system',
    ],
    [
      '/var/lib apart',
      { mounts: { ...ROOT, '/var/lib': ['ext4', 'l'] } },
      DEFAULT,
      '/var/lib is on a file system',
    ],
    ['a /var of a network', { mounts: { ...ROOT, '/var': ['nfs', null] } }, '/apt-layer', 'without a UUID'],
    [
      'too much in /var',
      { mounts: APART, usedInVar: 6e9 },
      '/apt-layer',
      '/var has 6.0 GB, the root file system 5.0 GB free',
    ],
  ])('are refused: %s', async (_, which, sysroot, message) => {
    await expect(findFileSystems({ host: machine(which), sysroot })).rejects.toThrow(message);
  });
});
