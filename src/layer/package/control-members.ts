import { FormatError } from '../../errors/index.ts';
import { toText } from '../../formats/bytes/index.ts';
import { containedPath, type TarHandler } from '../../formats/tar/index.ts';
import type { ControlMember } from './model.ts';

/** Collects the members of a control archive: plain files at its top, each once. */
export function controlReader(): { handler: TarHandler; members: Map<string, ControlMember> } {
  const members = new Map<string, ControlMember>();
  let pieces: Buffer[] = [];
  let current: { name: string; mode: number } | undefined;
  const handler: TarHandler = {
    entry(entry) {
      const path = containedPath(entry, { absolute: 'strip' });
      current = undefined;
      pieces = [];
      if (entry.type === 'directory' && path === '') return;
      const bad = (reason: string) => {
        const hint = 'do not use this package';
        const what = `control member ${toText(path)} ${reason}`;
        throw new FormatError('tar', what, { offset: entry.offset }, { hint });
      };
      if (path.includes('/')) bad('is in a directory');
      if (entry.type !== 'file') bad(`is a ${entry.type}`);
      if (members.has(path)) bad('is there twice');
      current = { name: path, mode: entry.mode };
    },
    data(chunk) {
      pieces.push(Buffer.from(chunk));
    },
    entryEnd() {
      if (current !== undefined)
        members.set(current.name, { bytes: Buffer.concat(pieces), mode: current.mode & 0o7777 });
    },
  };
  return { handler, members };
}
