import { FormatError } from '../../errors/index.ts';
import { type ByteString, toText } from '../../formats/bytes/index.ts';

/** A line of a package's `triggers` member; see deb-triggers(5). */
export interface TriggerDirective {
  readonly kind: 'interest' | 'activate';
  /** A path for a file trigger, else a word. */
  readonly name: ByteString;
  /** Whether the package that activates it waits until it was processed. */
  readonly awaited: boolean;
}

const LINE = /^(interest|activate)(?:-(await|noawait))?[ \t]+(\S+)$/;

/** As dpkg reads it: `#` begins a comment, empty lines count nothing. FormatError with the line otherwise. */
export function parseTriggers(text: ByteString, packageName: string): TriggerDirective[] {
  const directives: TriggerDirective[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = (raw.split('#', 1)[0] ?? '').trim();
    if (line === '') return;
    const [, kind, awaiting, name] = LINE.exec(line) ?? [];
    if (kind === undefined || name === undefined || !isTriggerName(name))
      throw new FormatError('triggers', `${toText(line as ByteString)} (package ${packageName})`, {
        line: index + 1,
      });
    directives.push({
      kind: kind as 'interest' | 'activate',
      name: name as ByteString,
      awaited: awaiting !== 'noawait',
    });
  });
  return directives;
}

/**
 * dpkg takes any printable bytes. The word of an explicit trigger becomes a file name, so it may not lead out of
 * its directory.
 */
function isTriggerName(name: string): boolean {
  if (/[^\x21-\x7e]/.test(name)) return false;
  if (name.startsWith('/')) return !name.split('/').includes('..');
  return !name.includes('/') && !/^(?:\.{1,2}|File|Unincorp|Lock)$/.test(name) && name.length <= 200;
}
