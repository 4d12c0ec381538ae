import type { Tree } from '../formats/tree/index.ts';
import type { Host } from '../host/index.ts';
import type { Warnings } from '../report/index.ts';
import type { Store, WritableStore } from '../store/index.ts';

/** What looking at archives needs; it changes neither the sysroot nor its store. */
export interface LookupContext {
  readonly host: Host;
  readonly store: Store;
  readonly sysroot: string;
  /** Scratch space of the transaction, on the store's file system; emptied by the transaction. */
  readonly workDirectory: string;
  /** Takes the output of tools for the transaction's log. */
  readonly onOutput: (chunk: Buffer) => void;
  /** Path of that log, for messages. */
  readonly logPath: string;
}

/** What building an image needs, passed down from the transaction. */
export interface BuildContext extends LookupContext {
  readonly store: WritableStore;
  /** Takes the warnings about what the image has; without it they are said and not kept. */
  readonly warnings?: Warnings;
}

/** A tree and the image it was read from or written to. */
export interface BuiltImage {
  readonly digest: string;
  readonly tree: Tree;
}
