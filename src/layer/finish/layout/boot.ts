import type { ByteString } from '../../../formats/bytes/index.ts';
import type { Directory, Node, Tree } from '../../../formats/tree/index.ts';
import { targetOf } from './links.ts';
import { at, combined, copyAt, emptyDirectory, linkFor, withoutEmpty, withPath } from './move.ts';
import { BOOT } from './table.ts';

/** A kernel's files in /boot, and what they are called beside its modules. */
const KERNEL_FILE = /^(vmlinuz|vmlinux|config|System\.map|initrd\.img)-([\s\S]+)$/;
/** Links that update-initramfs and linux-update-symlinks make in the root for boot loaders of old. */
const ROOT_LINK = /^(?:vmlinuz|vmlinux|initrd\.img)(?:\.old)?$/;

/** The way from a name in the image's content of /boot to the modules of kernels. */
const MODULES_PREFIX = targetOf({ from: `${BOOT.content}/*`, to: BOOT.modules });

/**
 * /boot belongs to the machine: it gets the kernels of several deployments. A kernel's files go to its modules, as
 * `vmlinuz`, `config`, `System.map` and `initrd.img`, and whatever else was there to /usr/lib/sysimage/boot. That directory
 * also has a link for each file that went to the modules: what /boot looked like can be told from the image alone.
 */
export function relocateBoot(tree: Tree): Tree {
  let result = tree;
  for (const [name, node] of tree.entries)
    if (node.kind === 'symlink' && ROOT_LINK.test(name)) result = withPath(result, `/${name}`, undefined);
  const boot = copyAt(result, BOOT.from) ?? emptyDirectory(result);
  const kept: Directory = { ...boot, entries: new Map() };
  for (const [name, node] of boot.entries) {
    const place = placeOf(result, boot, name, node);
    if (place !== undefined) result = withPath(result, `${BOOT.modules}/${place}`, node);
    kept.entries.set(name, place === undefined ? node : linkFor(node, `${MODULES_PREFIX}/${place}`));
  }
  boot.entries.clear();
  result = withPath(result, BOOT.from, boot);
  if (kept.entries.size === 0) return result;
  return withPath(result, BOOT.content, combined(at(result, BOOT.content), kept, BOOT.content));
}

/** Where a name of /boot goes below the modules; undefined for what is no kernel's file, or has a namesake there. */
function placeOf(tree: Tree, boot: Directory, name: ByteString, node: Node): string | undefined {
  const [, kind, version = ''] = KERNEL_FILE.exec(name) ?? [];
  if (kind === undefined || node.kind !== 'file' || version === '.' || version === '..') return undefined;
  const modules = at(tree, BOOT.modules);
  const own = at(tree, `${BOOT.modules}/${version}`);
  if ((modules ?? tree).kind !== 'directory' || (own ?? tree).kind !== 'directory') return undefined;
  const isImage = (image: string) => boot.entries.get(`${image}-${version}` as ByteString)?.kind === 'file';
  if (own === undefined && !isImage('vmlinuz') && !isImage('vmlinux')) return undefined;
  const place = `${version}/${kind}`;
  return at(tree, `${BOOT.modules}/${place}`) === undefined ? place : undefined;
}

/** The reverse: /boot has what packages put there. Files that were made beside the modules stay there. */
export function restoreBoot(tree: Tree): Tree {
  const kept = copyAt(tree, BOOT.content);
  if (kept === undefined) return tree;
  let result = withPath(tree, BOOT.content, undefined);
  const boot = copyAt(result, BOOT.from) ?? emptyDirectory(result);
  for (const [name, node] of kept.entries) {
    const place = placeOfLink(name, node);
    const file = place === undefined ? undefined : at(result, `${BOOT.modules}/${place}`);
    if (place === undefined) boot.entries.set(name, node);
    if (file?.kind !== 'file') continue;
    boot.entries.set(name, file);
    result = withPath(result, `${BOOT.modules}/${place}`, undefined);
    result = withoutEmpty(result, `${BOOT.modules}/${place?.split('/')[0]}`, BOOT.modules);
  }
  return withPath(result, BOOT.from, boot);
}

function placeOfLink(name: ByteString, node: Node): string | undefined {
  const [, kind, version] = KERNEL_FILE.exec(name) ?? [];
  if (kind === undefined || node.kind !== 'symlink') return undefined;
  const place = `${version}/${kind}`;
  return node.target === `${MODULES_PREFIX}/${place}` ? place : undefined;
}
