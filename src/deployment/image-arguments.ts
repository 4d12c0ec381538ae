import { isOwnArgument } from '../boot/index.ts';
import { fromText, toText } from '../formats/bytes/index.ts';
import { lookupDirectory, type Tree } from '../formats/tree/index.ts';
import { readContent, type Store } from '../store/index.ts';
import { parseBootcArguments } from './bootc-arguments.ts';

/** A kernel argument that an image brings, and the file that has it. */
export interface ImageArgument {
  readonly argument: string;
  readonly file: string;
}

/** Where images say what their kernel is to be told: files `*.conf`, one or more arguments per line, `#` begins a comment. */
const KERNEL_ARGUMENTS_DIRECTORY = '/usr/lib/apt-layer/kargs.d';
/** Where images for bootc say it: files `*.toml`. */
const BOOTC_DIRECTORY = '/usr/lib/bootc/kargs.d';

/**
 * The arguments of an image: those for bootc first, then our own, which count where both say something; each in the order of the files' names. FormatError
 * for a file that bootc would not read.
 */
export function imageArguments(store: Store, tree: Tree): readonly ImageArgument[] {
  const { architecture } = store.host;
  const ofBootc = (name: string, bytes: Buffer) =>
    // What is in quotes may have blanks.
    parseBootcArguments(name, bytes, architecture).filter(word => isTaken(word.replaceAll(' ', '_')));
  return [
    ...argumentsIn(store, tree, { directory: BOOTC_DIRECTORY, ending: '.toml', parse: ofBootc }),
    ...argumentsIn(store, tree, {
      ...{ directory: KERNEL_ARGUMENTS_DIRECTORY, ending: '.conf' },
      parse: (_, bytes) => parseArguments(bytes.toString('utf8')),
    }),
  ];
}

interface Place {
  readonly directory: string;
  readonly ending: string;
  readonly parse: (file: string, bytes: Buffer) => readonly string[];
}

function argumentsIn(store: Store, tree: Tree, { directory, ending, parse }: Place): ImageArgument[] {
  const found = lookupDirectory(tree, fromText(directory));
  const names = [...(found?.entries.keys() ?? [])].filter(name => name.endsWith(ending)).sort();
  return names.flatMap(name => {
    const node = found?.entries.get(name);
    if (node?.kind !== 'file') return [];
    const file = `${directory}/${toText(name)}`;
    return parse(file, readContent(store, node)).map(argument => ({ argument, file }));
  });
}

/** Words without control characters, and none that says what is booted; anything else in a file would be cut differently by each boot loader. */
export function parseArguments(text: string): string[] {
  return text
    .split('\n')
    .flatMap(line => line.replace(/#.*$/, '').split(/[ \t\r]+/))
    .filter(isTaken);
}

function isTaken(word: string): boolean {
  return /^[\x21-\x7e]+$/.test(word) && !isOwnArgument(word);
}
