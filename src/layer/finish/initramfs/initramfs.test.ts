import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromText } from '../../../formats/bytes/index.ts';
import { lookup, type Node, type RegularFile, type Tree, withNode } from '../../../formats/tree/index.ts';
import { withoutBrought } from './brought.ts';
import { inputsKey } from './inputs.ts';
import { initramfsMaker } from './maker.ts';
import { holds, parseRecord, recordOf, serializeRecord } from './record.ts';

const EPOCH = 1000;
const VERSION = '6.12-amd64';
const METADATA = { mode: 0o644, uid: 0, gid: 0, mtime: 500, mtimeNsec: 0, xattrs: undefined, nlink: 1 };

function file(text: string, mtime = 500): Node {
  const bytes = Buffer.from(text);
  return { ...METADATA, kind: 'file', mtime, size: bytes.length, content: { kind: 'inline', bytes } };
}

const link = (target: string): Node => ({ ...METADATA, kind: 'symlink', target: fromText(target) });

const EMPTY: Tree = { ...METADATA, mode: 0o755, kind: 'directory', entries: new Map() };

function treeOf(entries: Readonly<Record<string, Node>>): Tree {
  return Object.entries(entries).reduce((tree, [path, node]) => withNode(tree, fromText(path), node), EMPTY);
}

const BASE = treeOf({
  '/boot/vmlinuz-6.12-amd64': file('kernel'),
  '/usr/lib/modules/6.12-amd64/kernel/ext4.ko': file('ext4'),
  '/usr/sbin/mkinitramfs': file(
    '#!/bin/sh\ncommand -v zstd || gzip\n. /usr/share/initramfs-tools/hook-functions\n',
  ),
  '/usr/share/initramfs-tools/hooks/crypt': file(
    'test -x /usr/lib/cryptsetup/askpass && copy_exec /usr/bin/plymouth; rm /var/cache/ldconfig/aux-cache\n',
  ),
  '/usr/bin/gzip': file('gzip 1'),
  '/lib': link('usr/lib'),
  '/etc/hostname': file('a'),
});

const keyOf = (tree: Tree) =>
  inputsKey(tree, VERSION, {
    maker: makerOf(tree),
    epochSeconds: EPOCH,
    read: ({ content }: RegularFile) => (content.kind === 'inline' ? content.bytes : Buffer.alloc(0)),
  });
const changed = (path: string, node: Node | undefined) => keyOf(withNode(BASE, fromText(path), node));

function makerOf(tree: Tree) {
  const maker = initramfsMaker(tree);
  if (maker === undefined) throw new Error('nothing makes an initramfs');
  return maker;
}

describe('the key of an initramfs', () => {
  it.each([
    ['a module', '/usr/lib/modules/6.12-amd64/kernel/xfs.ko', file('xfs')],
    ['firmware', '/usr/lib/firmware/card.bin', file('card')],
    ['a hook', '/usr/share/initramfs-tools/hooks/raid', file('true')],
    ['a setting', '/etc/initramfs-tools/conf.d/own', file('MODULES=dep')],
    ['a program that a script looks for by name', '/usr/bin/zstd', file('zstd')],
    ['the same gone', '/usr/bin/gzip', undefined],
    ['a program of a file system', '/usr/sbin/fsck.ext4', file('fsck')],
    ['what a hook looks for by path', '/usr/lib/cryptsetup/askpass', file('askpass')],
  ])('changes with %s', (_what, path, node) => expect(changed(path, node)).not.toBe(keyOf(BASE)));

  it.each([
    ['a program that no script names', '/usr/bin/vim', file('vim')],
    ['a cache', '/var/cache/ldconfig/aux-cache', file('cache')],
    ['documentation', '/usr/share/doc/vim/README', file('vim')],
    ['what a directory is passed through for', '/usr/share/more', file('more')],
    ['the modules of another kernel', '/usr/lib/modules/6.13-amd64/kernel/xfs.ko', file('xfs')],
    ['an initramfs that is there', '/usr/lib/modules/6.12-amd64/initrd.img', file('initrd')],
  ])('stays with %s', (_what, path, node) => expect(changed(path, node)).toBe(keyOf(BASE)));

  it('takes what is newer than the kernel for as old as the kernel', () => {
    const path = '/usr/lib/modules/6.12-amd64/modules.dep';
    expect(changed(path, file('dep', EPOCH + 1))).toBe(changed(path, file('dep', EPOCH + 99)));
    expect(changed(path, file('dep', EPOCH - 1))).not.toBe(changed(path, file('dep', EPOCH - 99)));
  });
});

const DRACUT = treeOf({
  '/boot/vmlinuz-6.12-amd64': file('kernel'),
  '/usr/bin/dracut': file('#!/bin/bash\nzstd\n'),
  '/usr/lib/dracut/modules.d/90x/module-setup.sh': file(
    'inst $dracutsysrootdir/etc/vconsole.conf "$systemdsystemunitdir/x@.service"; inst_libdir_file "libx.so.*"\n' +
      'inst_multiple "/usr/lib/sysctl.d/*.conf" "$systemdsystemunitdir"/y.service.d/*.conf /usr/lib/systemd\n',
  ),
  '/usr/lib/systemd/system/y.service': file('y'),
  '/usr/lib/x86_64-linux-gnu/libz.so.1': file('z'),
  '/usr/lib/sysctl.d/50-default.conf': file('x=1'),
});

describe('the key of an initramfs that dracut makes', () => {
  const key = keyOf(DRACUT);
  const changedTo = (path: string, node: Node) => keyOf(withNode(DRACUT, fromText(path), node));

  it.each([
    ['a module of the kernel', '/usr/lib/modules/6.12-amd64/kernel/xfs.ko'],
    ['a module of dracut', '/usr/lib/dracut/modules.d/91y/module-setup.sh'],
    ['a setting', '/etc/dracut.conf'],
    ['a setting of its own', '/etc/dracut.conf.d/own.conf'],
    ['a setting of a package', '/usr/lib/dracut/dracut.conf.d/own.conf'],
    ['a file below a variable', '/etc/vconsole.conf'],
    ['a program by name', '/usr/bin/zstd'],
    ['a unit with instances', '/usr/lib/systemd/system/x@.service'],
    ['an addition to a unit', '/usr/lib/systemd/system/y.service.d/more.conf'],
    ['a library', '/usr/lib/x86_64-linux-gnu/libx.so.2'],
    ['one more that a pattern is for', '/usr/lib/sysctl.d/60-own.conf'],
  ])('changes with %s', (_what, path) => expect(changedTo(path, file('new'))).not.toBe(key));

  it.each([
    ['another unit', '/usr/lib/systemd/system/cron.service'],
    ['another library', '/usr/lib/x86_64-linux-gnu/libxy.so.2'],
    ['hooks of mkinitramfs', '/usr/share/initramfs-tools/hooks/own'],
  ])('stays with %s', (_what, path) => expect(changedTo(path, file('new'))).toBe(key));
});

describe('an initramfs that an image for bootc brought', () => {
  const path = fromText('/usr/lib/modules/6.12-amd64/initramfs.img');
  const hook = fromText('/usr/share/initramfs-tools/hooks/apt-layer');
  const brought = withNode(BASE, path, file('of bootc'));
  const without = (tree: Tree) => withoutBrought(tree, initramfsMaker(tree));

  it('goes where another can be made that mounts deployments, and nothing else does', () => {
    expect(lookup(without(withNode(brought, hook, file('hook'))), path)).toBeUndefined();
    expect(without(BASE)).toBe(BASE);
    const other = withNode(BASE, fromText('/usr/lib/modules/none/initramfs.img'), file('of nothing'));
    expect(without(other)).toBe(other);
    const named = withNode(brought, fromText('/boot/initrd.img-6.12-amd64'), file('ours'));
    expect(lookup(without(named), path)).toBeUndefined();
  });

  it.each([
    ['has no apt-layer', brought],
    [
      'has neither dracut nor initramfs-tools',
      withNode(brought, fromText('/usr/sbin/mkinitramfs'), undefined),
    ],
  ])('is refused where the image %s', (why, tree) => {
    expect(() => without(tree)).toThrow(
      expect.objectContaining({ code: 'RESOLVE_FAILED', message: expect.stringContaining(why) }),
    );
  });
});

describe('what makes the initramfs', () => {
  const MKINITRAMFS = '/usr/sbin/mkinitramfs';
  const UPDATE = '/usr/sbin/update-initramfs';
  const PROGRAM = '/usr/bin/dracut';
  const HOOK = '/etc/kernel/postinst.d/dracut';

  it.each<[string | undefined, string[]]>([
    [undefined, []],
    ['mkinitramfs', [MKINITRAMFS]],
    ['dracut', [PROGRAM]],
    ['mkinitramfs', [MKINITRAMFS, PROGRAM]],
    ['dracut', [MKINITRAMFS, PROGRAM, HOOK]],
    // The hook of a package that was removed stays.
    ['mkinitramfs', [MKINITRAMFS, UPDATE, PROGRAM, HOOK]],
    ['mkinitramfs', [MKINITRAMFS, HOOK]],
    [undefined, [HOOK]],
  ])('is %s with %j', (program, paths) => {
    const tree = treeOf(Object.fromEntries(paths.map(path => [path, file('')])));
    expect(initramfsMaker(tree)?.program).toBe(program);
  });
});

describe('the record of an initramfs', () => {
  const record = recordOf(
    BASE,
    ['/lib', '/usr/bin/gzip', '/usr/bin/none', '/usr', '/usr/lib/modules/x'],
    EPOCH,
  );

  it('has what is there and what is not, but no directories and modules', () =>
    expect(record.map(entry => entry.path)).toEqual(['/lib', '/usr/bin/gzip', '/usr/bin/none']));

  it.each<[string, Node | undefined]>([
    ['/usr/bin/gzip', file('gzip 2')],
    ['/usr/bin/gzip', undefined],
    ['/usr/bin/none', file('now')],
  ])('holds no more when %s changes', (path, node) => {
    expect(holds(BASE, record, EPOCH)).toBe(true);
    expect(holds(withNode(BASE, fromText(path), node), record, EPOCH)).toBe(false);
  });

  it('is read as it was written', () => expect(parseRecord(serializeRecord(record))).toEqual(record));

  it('is nothing when it is damaged', () => {
    const bytes = serializeRecord(record);
    expect(parseRecord(bytes.subarray(0, -1))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), noise => {
        const parsed = parseRecord(Buffer.from(noise));
        if (parsed !== undefined) expect(serializeRecord(parsed)).toEqual(Buffer.from(noise));
      }),
    );
  });
});
