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

/**
 * As dpkg reads it: a line that begins with `#` is a comment, empty lines count nothing. FormatError with the line and the package
 * otherwise, and for a last line that does not end.
 */
export function parseTriggers(text: ByteString, packageName: string): TriggerDirective[] {
  const directives: TriggerDirective[] = [];
  const lines = text.split('\n');
  lines.forEach((raw, index) => {
    const line = raw.replace(/^[ \t]+|[ \t]+$/g, '');
    if (line === '' || line.startsWith('#')) return;
    const failure = (reason: string) => {
      const hint = 'build the package again with right `triggers`; deb-triggers(5) describes them';
      return new FormatError('triggers', `${reason} (package ${packageName})`, { line: index + 1 }, { hint });
    };
    const [, kind, awaiting, name] = LINE.exec(line) ?? [];
    if (line.endsWith('\r')) throw failure('Windows line endings');
    if (kind === undefined || name === undefined)
      throw failure(`triggers ci file contains unknown directive '${toText(line as ByteString)}'`);
    if (!isTriggerName(name))
      throw failure(`invalid or unknown syntax in trigger name '${toText(name as ByteString)}'`);
    if (index === lines.length - 1) throw failure(`missing newline behind '${toText(line as ByteString)}'`);
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
