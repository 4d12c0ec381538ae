import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directory, file, memoryTree, pathsOf, readInline } from '../../../tests/support/memory-package.ts';
import { type ByteString, fromText } from '../../formats/bytes/index.ts';
import { lookup, type Node, type Tree } from '../../formats/tree/index.ts';
import { accountIds, renumbering } from './account-ids.ts';
import { clampTimes } from './clamp-times.ts';
import { kernelVersions } from './kernels.ts';
import { normalizeShadow } from './shadow.ts';
import { withStableIds } from './stable-ids.ts';
import { stripSecrets } from './strip-secrets.ts';

/** Contents that are too long to be inline come back by name. */
const stored = new Map<string, Buffer>();
const access = {
  read: (node: Parameters<typeof readInline>[0]) =>
    node.content.kind === 'object' ? (stored.get(node.content.digest) as Buffer) : readInline(node),
  put(bytes: Buffer) {
    const digest = `digest-${stored.size}`;
    stored.set(digest, bytes);
    return digest;
  },
};

const at = (tree: Tree, path: string): Node | undefined => lookup(tree, fromText(path));
function text(tree: Tree, path: string): string {
  const node = at(tree, path);
  return node?.kind === 'file' ? access.read(node).toString() : 'no file';
}

describe('times', () => {
  it('later than the epoch become the epoch, others stay, and hard links stay one file', () => {
    const tree = memoryTree({
      '/old': file('old', { mtime: 50, mtimeNsec: 7 }),
      '/late': file('late', { mtime: 500, mtimeNsec: 9 }),
      '/also': { hardlink: '/late' },
      '/fraction': file('fraction', { mtime: 200, mtimeNsec: 1 }),
      '/deep/dir': directory({ mtime: 900 }),
    });
    const clamped = clampTimes(tree, 200);
    expect(at(clamped, '/old')).toMatchObject({ mtime: 50, mtimeNsec: 7 });
    for (const path of ['/late', '/fraction', '/deep/dir'])
      expect(at(clamped, path)).toMatchObject({ mtime: 200, mtimeNsec: 0 });
    expect(at(clamped, '/also')).toBe(at(clamped, '/late'));
    expect(at(tree, '/late')).toMatchObject({ mtime: 500 });
    expect(at(clamped, '/old')).toBe(at(tree, '/old'));
  });
});

describe('shadow', () => {
  it('forgets the day of locked passwords, and of no other', () => {
    const tree = memoryTree({
      '/etc/shadow':
        'root:*:20000:0:99999:7:::\nme:$y$j9T$x:20000:0:99999:7:::\nd:!:20000::::::\nn:!*::::::\n',
    });
    expect(text(normalizeShadow(tree, access), '/etc/shadow')).toBe(
      'root:*::0:99999:7:::\nme:$y$j9T$x:20000:0:99999:7:::\nd:!:::::::\nn:!*::::::\n',
    );
  });

  it('that is not there is no matter', () => {
    const tree = memoryTree({ '/etc/x': 'x' });
    expect(normalizeShadow(tree, access)).toBe(tree);
  });
});

describe('secrets', () => {
  const SSH = {
    '/etc/ssh/ssh_host_ed25519_key': 'secret',
    '/etc/ssh/ssh_host_ed25519_key.pub': 'public',
    '/etc/ssh/sshd_config': 'config',
    '/usr/bin/ssh-keygen': 'tool',
    '/usr/lib/systemd/systemd': 'init',
  };

  it('go, and a unit makes them on the first boot', () => {
    const tree = stripSecrets(memoryTree(SSH), access);
    expect(at(tree, '/etc/ssh/ssh_host_ed25519_key')).toBeUndefined();
    expect(at(tree, '/etc/ssh/ssh_host_ed25519_key.pub')).toBeUndefined();
    expect(text(tree, '/etc/ssh/sshd_config')).toBe('config');
    expect(text(tree, '/usr/lib/apt-layer/make-secrets')).toContain('ssh-keygen -A');
    const unit = text(tree, '/usr/lib/systemd/system/apt-layer-secrets.service');
    expect(unit).toContain('ConditionPathExists=|!/etc/ssh/ssh_host_ed25519_key');
    expect(unit).toContain('ssh.service');
    expect(at(tree, '/usr/lib/systemd/system/sysinit.target.wants/apt-layer-secrets.service')).toMatchObject({
      kind: 'symlink',
    });
  });

  it('go also where nothing can make them', () => {
    const { '/usr/bin/ssh-keygen': _, ...without } = SSH;
    const tree = stripSecrets(memoryTree(without), access);
    expect(at(tree, '/etc/ssh/ssh_host_ed25519_key')).toBeUndefined();
    expect(at(tree, '/usr/lib/apt-layer')).toBeUndefined();
  });

  it('that are not there leave the tree as it is', () => {
    const tree = memoryTree({ '/usr/bin/ssh-keygen': 'tool', '/usr/lib/systemd/systemd': 'init' });
    expect(stripSecrets(tree, access)).toBe(tree);
  });
});

describe('numbers of accounts', () => {
  const acl = (tag: number, id: number) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt32LE(2, 0);
    bytes.writeUInt16LE(tag, 4);
    bytes.writeUInt32LE(id, 8);
    return new Map([['system.posix_acl_access' as ByteString, bytes.toString('latin1') as ByteString]]);
  };
  const TREE = memoryTree({
    '/etc/passwd':
      'root:x:0:0::/root:/bin/sh\nalpha:x:100:101::/:/x\nbeta:x:101:102::/:/x\nuser:x:1000:1000::/:/x\n',
    '/etc/group': 'root:x:0:\nalpha:x:101:\nbeta:x:102:alpha\nuser:x:1000:\n',
    '/var/alpha': file('a', { uid: 100, gid: 101 }),
    '/var/beta': file('b', { uid: 101, gid: 102, xattrs: acl(2, 100) }),
    '/var/list': file('l', { xattrs: acl(8, 102) }),
    '/var/user': file('u', { uid: 1000, gid: 1000 }),
  });

  it('become what is known, everywhere; who is in the way moves', () => {
    const known = { users: { alpha: 101, gone: 103 }, groups: { beta: 150 } };
    const tree = withStableIds(TREE, known, access);
    // beta had alpha's 101, and 100 is free once alpha has left it, but it might still be somewhere: 102 is the lowest.
    expect(text(tree, '/etc/passwd')).toBe(
      'root:x:0:0::/root:/bin/sh\nalpha:x:101:101::/:/x\nbeta:x:102:150::/:/x\nuser:x:1000:1000::/:/x\n',
    );
    expect(text(tree, '/etc/group')).toBe('root:x:0:\nalpha:x:101:\nbeta:x:150:alpha\nuser:x:1000:\n');
    expect(at(tree, '/var/alpha')).toMatchObject({ uid: 101, gid: 101 });
    expect(at(tree, '/var/beta')).toMatchObject({ uid: 102, gid: 150, xattrs: acl(2, 101) });
    expect(at(tree, '/var/list')).toMatchObject({ xattrs: acl(8, 150) });
    expect(at(tree, '/var/user')).toBe(at(TREE, '/var/user'));
  });

  it('that agree change nothing', () => {
    expect(withStableIds(TREE, accountIds(TREE, access.read), access)).toBe(TREE);
  });

  it('only those that packages get in turn are recorded', () => {
    expect(accountIds(TREE, access.read)).toEqual({
      users: { alpha: 100, beta: 101 },
      groups: { alpha: 101, beta: 102 },
    });
  });

  it('whatever is known, each account has one of its own, known ones the known, and all again the same', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
    const ids = fc.dictionary(names, fc.integer({ min: 100, max: 108 }));
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(names, fc.integer({ min: 100, max: 108 })), { selector: ([name]) => name }),
        ids,
        (all, known) => {
          const seen = new Set<number>();
          const accounts = all.filter(([, id]) => !seen.has(id) && seen.add(id));
          const distinct = Object.fromEntries(
            Object.entries(known).filter(
              ([name, id]) => Object.entries(known).find(([, other]) => other === id)?.[0] === name,
            ),
          );
          const changes = renumbering(accounts, distinct);
          const after = accounts.map(([name, id]) => [name, changes.get(id) ?? id] as const);
          expect(new Set(after.map(([, id]) => id)).size).toBe(after.length);
          for (const [name, id] of after) if (Object.hasOwn(distinct, name)) expect(id).toBe(distinct[name]);
          expect(renumbering(after, Object.fromEntries(after)).size).toBe(0);
        },
      ),
    );
  });
});

it('kernels are those with an image to boot', () => {
  const tree = memoryTree({
    '/usr/lib/modules/6.12.1-amd64/modules.dep': 'x',
    '/boot/vmlinuz-6.12.1-amd64': 'kernel',
    '/usr/lib/modules/6.13.0/vmlinuz': 'kernel',
    '/usr/lib/modules/headers-only/build': 'x',
    '/usr/lib/modules/-rf/vmlinuz': 'kernel',
  });
  expect(kernelVersions(tree)).toEqual(['6.12.1-amd64', '6.13.0']);
  expect(pathsOf(tree).length).toBeGreaterThan(5);
});
