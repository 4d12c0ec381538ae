import { isOwnArgument } from '../boot/index.ts';
import { fromText, toText } from '../formats/bytes/index.ts';
import { lookupDirectory, type Tree } from '../formats/tree/index.ts';
import { readContent, type Store } from '../store/index.ts';

/** A kernel argument that an image brings, and the file that has it. */
export interface ImageArgument {
  readonly argument: string;
  readonly file: string;
}

/** Where images say what their kernel is to be told: files `*.conf`, one or more arguments per line, `#` begins a comment. */
const KERNEL_ARGUMENTS_DIRECTORY = '/usr/lib/apt-layer/kargs.d';

/** The arguments of an image, in the order of its files' names. */
export function imageArguments(store: Store, tree: Tree): readonly ImageArgument[] {
  const directory = lookupDirectory(tree, fromText(KERNEL_ARGUMENTS_DIRECTORY));
  const names = [...(directory?.entries.keys() ?? [])].filter(name => name.endsWith('.conf')).sort();
  return names.flatMap(name => {
    const file = directory?.entries.get(name);
    if (file?.kind !== 'file') return [];
    const words = parseArguments(readContent(store, file).toString('utf8'));
    return words.map(argument => ({ argument, file: `${KERNEL_ARGUMENTS_DIRECTORY}/${toText(name)}` }));
  });
}

/** Words without control characters, and none that says what is booted; anything else in a file would be cut differently by each boot loader. */
export function parseArguments(text: string): string[] {
  return text
    .split('\n')
    .flatMap(line => line.replace(/#.*$/, '').split(/[ \t\r]+/))
    .filter(word => /^[\x21-\x7e]+$/.test(word) && !isOwnArgument(word));
}
