import { describe, expect, it } from 'vitest';
import { directory, file, type MemoryEntry, memoryTree } from '../../../../tests/support/memory-package.ts';
import { canonicalText } from '../../../../tests/support/random-tree.ts';
import { type ByteString, fromText } from '../../../formats/bytes/index.ts';
import { type Directory, lookup, type Node, type Tree, walk } from '../../../formats/tree/index.ts';
import { relocate } from './relocate.ts';
import { restore } from './restore.ts';
import { IMAGE_STATE, MACHINE_DIRECTORIES } from './table.ts';

/** A root with what every Debian root has, and `entries`. */
function plainRoot(entries: Readonly<Record<string, MemoryEntry>> = {}): Tree {
  const root = memoryTree({
    '/var/lib/dpkg/status': 'Package: a\n',
    '/usr/bin/a': 'a',
    '/usr/lib/b': 'b',
    ...entries,
  });
  const empty = ['home', 'root', 'srv', 'mnt', 'opt', 'media', 'boot', 'run', 'tmp', 'dev', 'proc', 'sys'];
  for (const name of empty) addDirectory(root, name, directory({ mode: name === 'tmp' ? 0o1777 : 0o755 }));
  addDirectory(root.entries.get(fromText('usr')) as Directory, 'local');
  for (const name of ['opt', 'cache']) addDirectory(root.entries.get(fromText('var')) as Directory, name);
  return root;
}

function addDirectory(parent: Directory, name: string, node = directory()): void {
  if (!parent.entries.has(fromText(name))) parent.entries.set(fromText(name), node);
}

/** What a path shows in a tree, with links followed as in a chroot. */
function shown(tree: Tree, path: string, followed = 0): string {
  let node: Node | undefined = tree;
  const names = path.split('/').filter(name => name !== '');
  for (const [index, name] of names.entries()) {
    if (node?.kind !== 'directory') return 'missing';
    const child: Node | undefined = node.entries.get(name as ByteString);
    if (child?.kind === 'symlink') {
      if (followed > 20) return 'loop';
      const before = names.slice(0, index).join('/');
      const rest = names.slice(index + 1).join('/');
      const target = child.target.startsWith('/') ? child.target : `${before}/${child.target}`;
      return shown(tree, normal(`${target}/${rest}`), followed + 1);
    }
    node = child;
  }
  if (node === undefined) return 'missing';
  return node.kind === 'file' && node.content.kind === 'inline' ? node.content.bytes.toString() : node.kind;
}

function normal(path: string): string {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '') names.push(name);
  }
  return names.join('/');
}

const linkAt = (tree: Tree, path: string) => {
  const node = lookup(tree, fromText(path));
  return node?.kind === 'symlink' ? node.target : node?.kind;
};

describe('relocate', () => {
  const full = plainRoot({
    '/home/u/file': 'mine',
    '/root/.profile': 'profile',
    '/usr/local/lib/python3.13/dist-packages/x': 'local',
    '/opt/vendor/bin/tool': 'tool',
    '/boot/vmlinuz-6.12.1': 'kernel',
    '/boot/config-6.12.1': 'config',
    '/boot/System.map-6.12.1': 'map',
    '/boot/initrd.img-6.12.1': 'initrd',
    '/boot/grub/grub.cfg': 'menu',
    '/vmlinuz': { link: 'boot/vmlinuz-6.12.1' },
    '/vmlinuz.old': { link: 'boot/vmlinuz-6.12.1' },
    '/initrd.img': { link: 'boot/initrd.img-6.12.1' },
    '/run/left': 'left',
    ...Object.fromEntries(
      IMAGE_STATE.filter(({ from }) => from !== '/var/lib/apt/extended_states').map(({ from }) => [
        `${from}/state`,
        from,
      ]),
    ),
    '/var/lib/apt/extended_states': 'auto',
    '/var/lib/apt/lists/x': 'list',
  });
  const image = relocate(full);

  it.each([
    ['/var/lib/dpkg', '../../usr/lib/sysimage/dpkg'],
    ['/var/cache/debconf', '../../usr/lib/sysimage/debconf'],
    ['/var/lib/apt/extended_states', '../../../usr/lib/sysimage/apt/extended_states'],
    ['/var/lib/systemd/deb-systemd-helper-enabled', '../../../usr/lib/sysimage/deb-systemd/helper-enabled'],
    ['/home', 'var/home'],
    ['/root', 'var/roothome'],
    ['/srv', 'var/srv'],
    ['/mnt', 'var/mnt'],
    ['/usr/local', '../var/usrlocal'],
    ['/opt', 'var/opt'],
    ['/var/opt/vendor', '../../usr/lib/opt/vendor'],
    ['/media', 'run/media'],
    ['/usr/lib/sysimage/boot/vmlinuz-6.12.1', '../../modules/6.12.1/vmlinuz'],
    ['/vmlinuz', undefined],
    ['/vmlinuz.old', undefined],
    ['/initrd.img', undefined],
  ])('%s becomes a link to %s', (path, target) => expect(linkAt(image, path)).toBe(target));

  it.each<readonly [path: string, text: string]>([
    ...IMAGE_STATE.map(({ from, to }): [string, string] =>
      from.endsWith('states') ? [to, 'auto'] : [`${to}/state`, from],
    ),
    ['/usr/lib/sysimage/dpkg/status', 'Package: a\n'],
    ['/var/home/u/file', 'mine'],
    ['/usr/lib/sysimage/usrlocal/lib/python3.13/dist-packages/x', 'local'],
    ['/usr/lib/opt/vendor/bin/tool', 'tool'],
    ['/usr/lib/modules/6.12.1/vmlinuz', 'kernel'],
    ['/usr/lib/modules/6.12.1/config', 'config'],
    ['/usr/lib/modules/6.12.1/System.map', 'map'],
    ['/usr/lib/modules/6.12.1/initrd.img', 'initrd'],
    ['/usr/lib/sysimage/boot/grub/grub.cfg', 'menu'],
    ['/var/lib/apt/lists/x', 'list'],
  ])('%s is %s', (path, text) => {
    const node = lookup(image, fromText(path));
    expect(node?.kind === 'file' && node.content.kind === 'inline' && node.content.bytes.toString()).toBe(
      text,
    );
  });

  it('leaves every path of the plain root working, but for /boot and what is made on each boot', () => {
    for (const { path, node } of walk(full)) {
      if (/^\/(boot|run|vmlinuz|initrd|media)/.test(path) || node.kind !== 'file') continue;
      expect(`${path} ${shown(image, path)}`).toBe(`${path} ${shown(full, path)}`);
    }
  });

  it.each(['boot', 'run', 'tmp', 'dev', 'proc', 'sys', 'sysroot'])('/%s is an empty directory', name => {
    const node = lookup(image, fromText(`/${name}`));
    expect(node?.kind === 'directory' && node.entries.size).toBe(0);
    if (name === 'tmp') expect(node?.mode).toBe(0o1777);
  });

  it('changes nothing when done again, and not the tree it was given', () => {
    const before = canonicalText(full);
    expect(canonicalText(relocate(image))).toBe(canonicalText(image));
    relocate(full);
    expect(canonicalText(full)).toBe(before);
  });

  it('gives a root that lacks directories those of the layout', () => {
    const bare = relocate(memoryTree({ '/usr/bin/a': 'a' }));
    for (const { from, to, mode } of MACHINE_DIRECTORIES) {
      expect(lookup(bare, fromText(to))).toMatchObject({ kind: 'directory', mode });
      expect(lookup(bare, fromText(from))?.kind).toBe('symlink');
    }
    expect(canonicalText(relocate(bare))).toBe(canonicalText(bare));
  });

  it('keeps data of a package in /var/opt beside what it ships in /opt', () => {
    const root = plainRoot({
      '/opt/db/bin/server': 'server',
      '/opt/db/etc/default': 'default',
      '/var/opt/db/data/table': 'table',
      '/var/opt/db/etc/own': 'own',
    });
    const image = relocate(root);
    expect(shown(image, '/opt/db/bin/server')).toBe('server');
    expect(shown(image, '/opt/db/etc/default')).toBe('default');
    expect(shown(image, '/opt/db/data/table')).toBe('table');
    expect(linkAt(image, '/var/opt/db')).toBe('directory');
    expect(linkAt(image, '/var/opt/db/etc/default')).toBe('../../../../usr/lib/opt/db/etc/default');
    expect(canonicalText(restored(root))).toBe(canonicalText(root));
  });

  it.each([
    ['/home/u/link', '../../etc/a'],
    ['/home/u/link', '../../var/tmp'],
    ['/home/u/link', '../other/file'],
    ['/home/link', '/etc/a'],
    ['/root/link', '../usr/bin/a'],
    ['/usr/local/share/link', '../../lib/b'],
    ['/usr/local/share/link', '../../../etc/a'],
    ['/opt/v/link', '../../usr/bin/a'],
    ['/opt/link', 'v/file'],
    ['/var/lib/ghostscript/link', '../../../usr/lib/b'],
  ])('keeps the meaning of a link %s to %s', (path, link) => {
    const root = plainRoot({
      [path]: { link },
      '/etc/a': 'a of etc',
      '/home/other/file': 'other',
      '/opt/v/file': 'v',
      '/var/tmp/x': 'x',
    });
    expect(shown(relocate(root), path)).toBe(shown(root, path));
    expect(shown(root, path)).not.toBe('missing');
    expect(linkAt(restored(root), path)).toBe(link);
  });

  it('puts both in one where a root has something at a place of the layout, the old place first', () => {
    const image = relocate(
      plainRoot({
        '/home/u/a': 'of home',
        '/home/u/b': 'b',
        '/var/home/u/a': 'of var',
        '/var/home/c/d': 'd',
      }),
    );
    for (const [path, text] of Object.entries({ 'u/a': 'of home', 'u/b': 'b', 'c/d': 'd' }))
      expect(shown(image, `/home/${path}`)).toBe(text);
  });

  it('takes up what replaced a link', () => {
    const image = relocate(plainRoot({ '/var/lib/apt/extended_states': 'old' }));
    const parent = lookup(image, fromText('/var/lib/apt')) as Directory;
    parent.entries.set(fromText('extended_states'), file('new'));
    expect(shown(relocate(image), '/usr/lib/sysimage/apt/extended_states')).toBe('new');
  });

  it('keeps hard links', () => {
    const image = relocate(plainRoot({ '/opt/a/one': 'text', '/home/two': { hardlink: '/opt/a/one' } }));
    const one = lookup(image, fromText('/usr/lib/opt/a/one'));
    expect(one).toBeDefined();
    expect(lookup(image, fromText('/var/home/two'))).toBe(one);
  });

  it('leaves a top directory that is a link already, and a /media with mount points', () => {
    const root = plainRoot({ '/usr/home/u/x': 'x', '/media/cdrom/.keep': '' });
    root.entries.set(fromText('home'), {
      ...file(''),
      kind: 'symlink',
      target: fromText('usr/home'),
    } as Node);
    const image = relocate(root);
    expect(linkAt(image, '/home')).toBe('usr/home');
    expect(linkAt(image, '/media/cdrom')).toBe('directory');
  });

  it.each([
    ['/etc', /\/etc is not a directory/],
    ['/var', /\/var is not a directory/],
    ['/usr/lib/sysimage', /\/usr\/lib\/sysimage is not a directory/],
    ['/var/home', /\/var\/home is in the way/],
    ['/usr/lib/opt', /\/usr\/lib\/opt is in the way/],
    ['/usr/lib/sysimage/dpkg', /\/usr\/lib\/sysimage\/dpkg is in the way/],
  ])('refuses a root where %s is a link', (path, message) => {
    const root = memoryTree({ '/usr/lib/x': 'x' });
    const entries = path === '/var' ? {} : { '/var/lib/dpkg/status': '' };
    const other = memoryTree({
      ...entries,
      '/usr/lib/x': 'x',
      [path]: { link: '/etc' },
      '/home/x': 'x',
      '/opt/x': 'x',
    });
    expect(() => relocate(root)).not.toThrow();
    expect(() => relocate(other)).toThrow(message);
  });

  it('takes only the files of a kernel that it knows to its modules', () => {
    const image = relocate(
      plainRoot({
        '/boot/initrd.img-6.1.bak': 'no kernel',
        '/boot/vmlinuz-6.1': 'kernel',
        '/boot/config-6.1': 'config of boot',
        '/boot/vmlinuz-..': 'hostile',
        '/boot/vmlinuz': { link: 'vmlinuz-6.1' },
        '/usr/lib/modules/6.1/config': 'config of modules',
      }),
    );
    const kept = lookup(image, fromText('/usr/lib/sysimage/boot')) as Directory;
    expect([...kept.entries].map(([name, { kind }]) => `${name} ${kind}`).sort()).toEqual([
      'config-6.1 file',
      'initrd.img-6.1.bak file',
      'vmlinuz symlink',
      'vmlinuz-.. file',
      'vmlinuz-6.1 symlink',
    ]);
    expect(shown(image, '/usr/lib/modules/6.1/config')).toBe('config of modules');
    expect(shown(image, '/usr/lib/sysimage/boot/vmlinuz')).toBe('kernel');
  });
});

function restored(tree: Tree): Tree {
  return restore(relocate(tree));
}
