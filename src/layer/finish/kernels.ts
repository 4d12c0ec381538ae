import { type ByteString, fromText } from '../../formats/bytes/index.ts';
import { lookup, lookupDirectory, type Tree } from '../../formats/tree/index.ts';

/** The versions of the kernels in a tree that have modules and an image to boot, in byte order. */
export function kernelVersions(tree: Tree): ByteString[] {
  const names = [...(lookupDirectory(tree, fromText('/usr/lib/modules'))?.entries.keys() ?? [])].sort();
  return names.filter(version => {
    const places = [`/boot/vmlinuz-${version}`, `/usr/lib/modules/${version}/vmlinuz`];
    // The version becomes an argument of programs and part of file names.
    return (
      /^[A-Za-z0-9][A-Za-z0-9.+~_-]*$/.test(version) &&
      places.some(path => lookup(tree, path as ByteString)?.kind === 'file')
    );
  });
}
