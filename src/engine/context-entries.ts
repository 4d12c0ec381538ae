import { setImmediate as nextTurn } from 'node:timers/promises';
import { AptLayerError } from '../errors/index.ts';
import { type ByteString, compareBytes, fromText, joinPath, toPath, toText } from '../formats/bytes/index.ts';
import { isIgnored, type Verdicts, verdictsOn } from '../formats/containerfile/index.ts';
import { S_IFDIR, S_IFMT } from '../formats/tree/index.ts';
import type { Host } from '../host/index.ts';
import type { OpenContext } from './context.ts';

/** A file, directory, link or anything else of a context that engines get. */
export interface ContextEntry {
  /** Below the context, with a slash in front. */
  readonly path: ByteString;
  /** Where it is. */
  readonly place: string | Buffer;
  /** Type and permission bits. */
  readonly mode: number;
  readonly rdev: number;
}

interface Place {
  readonly path: ByteString;
  /** What the rules say of the directory; undefined for the context itself. */
  readonly verdicts: Verdicts | undefined;
}

/** What of a context is not left out, directories before what is in them, names in byte order. Links are not followed. */
export async function* contextEntries(
  host: Pick<Host, 'sys' | 'signal'>,
  open: OpenContext,
  { path, verdicts }: Place = { path: fromText(''), verdicts: undefined },
): AsyncGenerator<ContextEntry> {
  const { sys, signal } = host;
  const rules = open.ignore?.rules ?? [];
  const root = fromText(open.context);
  await nextTurn();
  if (signal.aborted) throw new AptLayerError('INTERRUPTED', 'interrupted while reading the context');
  // The context itself may be a link that somebody made on purpose.
  const directory = toPath(`${root}${path}${path === '' ? '/.' : ''}` as ByteString);
  for (const name of sys.readdir(directory).sort(compareBytes)) {
    const child = joinPath(path, name);
    const said = verdictsOn(rules, toText(child).slice(1), verdicts);
    const place = toPath(`${root}${child}` as ByteString);
    const { mode, rdev } = sys.lstat(place);
    const isOut = isIgnored(rules, said);
    if (!isOut) yield { path: child, place, mode, rdev };
    // Below what is left out something can be only where a rule brings back.
    if ((mode & S_IFMT) === S_IFDIR && (!isOut || rules.some(({ brings }) => brings)))
      yield* contextEntries(host, open, { path: child, verdicts: said });
  }
}
