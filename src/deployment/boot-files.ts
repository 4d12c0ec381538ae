import { fromText, toText } from '../formats/bytes/index.ts';
import { lookupDirectory, type Tree, walk } from '../formats/tree/index.ts';

/** Where an image has what its packages ship in /boot, beside links to its kernels. */
const DIRECTORY = '/usr/lib/sysimage/boot';

/** Files of an image that packages ship in /boot and that are no kernel's, such as those of memtest86+: paths below /boot. */
function filesForBoot(tree: Tree): string[] {
  const directory = lookupDirectory(tree, fromText(DIRECTORY));
  if (directory === undefined) return [];
  return [...walk(directory)]
    .filter(({ node }) => node.kind === 'file')
    .map(({ path }) => toText(path).replace(/^\//, ''))
    .sort();
}

/** Says that files of an image do not get to the machine's /boot, and what to do; nothing when the image before had the same ones. */
export function unusedBootFiles(tree: Tree, before: Tree | undefined): string | undefined {
  const known = new Set(before === undefined ? [] : filesForBoot(before));
  const found = filesForBoot(tree).filter(name => !known.has(name));
  if (found.length === 0) return undefined;
  const names = found.slice(0, 8).join(', ') + (found.length > 8 ? ', ...' : '');
  return (
    `packages ship files in /boot that are not kernels: ${names}. /boot is the machine's, and no boot loader sees them: they are in ${DIRECTORY}. ` +
    `Copy what is to be booted, with \`cp ${DIRECTORY}/${found[0] ?? ''} /boot/\`, and give the boot loader an entry of it`
  );
}
