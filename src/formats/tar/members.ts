import { Buffer } from 'node:buffer';
import type { TarEntry } from './entry.ts';
import { createTarParser, type TarParserOptions } from './parser.ts';

export interface TarMember {
  readonly entry: TarEntry;
  readonly body: Buffer;
}

/** All members of an archive in memory, as a control.tar is; bodies are views of it. Throws as the parser does. */
export function parseTar(archive: Buffer, options: TarParserOptions = {}): TarMember[] {
  const members: TarMember[] = [];
  const parser = createTarParser(
    {
      entry: entry => members.push({ entry, body: Buffer.alloc(0) }),
      // One write, so a body comes in one piece, but for that of a file with holes.
      data: chunk => {
        const { entry, body } = members.pop()!;
        members.push({ entry, body: body.length === 0 ? chunk : Buffer.concat([body, chunk]) });
      },
      entryEnd: () => undefined,
    },
    options,
  );
  parser.write(archive);
  parser.end();
  return members;
}
