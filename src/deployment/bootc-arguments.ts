import { parse, TomlError, type TomlTable } from 'smol-toml';
import { FormatError, type FormatPosition } from '../errors/index.ts';

/** Far more than a command line of the kernel holds. */
export const BOOTC_FILE_MAX_BYTES = 64 * 1024;

const KEYS = ['kargs', 'match-architectures'] as const;

/** Debian's architectures that Rust calls otherwise (std::env::consts::ARCH), and so does bootc. */
const RUST_NAMES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  armhf: 'arm',
  armel: 'arm',
  i386: 'x86',
  loong64: 'loongarch64',
  ppc64el: 'powerpc64',
};

/**
 * The kernel arguments of a file of `/usr/lib/bootc/kargs.d`, as bootc reads it; none where it is for other architectures. `architecture` is dpkg's
 * name. FormatError with line and column for what bootc would not read either.
 */
export function parseBootcArguments(name: string, bytes: Buffer, architecture: string): string[] {
  if (bytes.length > BOOTC_FILE_MAX_BYTES)
    throw new FormatError(name, `it has more than ${BOOTC_FILE_MAX_BYTES} bytes`);
  const found = document(name, bytes);
  const unknown = Object.keys(found).find(key => !(KEYS as readonly string[]).includes(key));
  if (unknown !== undefined) throw wrong(name, `nothing is known of ${JSON.stringify(unknown)}`);
  const kargs = strings(name, 'kargs', found['kargs']);
  const { 'match-architectures': architectures } = found;
  const isMeant =
    architectures === undefined ||
    strings(name, 'match-architectures', architectures).includes(RUST_NAMES[architecture] ?? architecture);
  // The kernel would take all arguments behind it for a part of this one.
  const open = kargs.find(text => text.split('"').length % 2 === 0);
  if (open !== undefined)
    throw wrong(name, `kargs: ${JSON.stringify(open)} has a quotation mark that is not closed`);
  // One string may have several; a value with blanks is in quotes.
  return isMeant ? kargs.flatMap(text => text.match(/(?:"[^"]*"|[^\s"])+/g) ?? []) : [];
}

function strings(name: string, key: (typeof KEYS)[number], value: unknown): string[] {
  if (Array.isArray(value) && value.every(one => typeof one === 'string')) return value;
  throw wrong(name, `${key}: it is ${value === undefined ? 'missing' : 'no list of strings'}`);
}

function document(name: string, bytes: Buffer): TomlTable {
  try {
    return parse(bytes.toString('utf8'));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column } = error;
    const [reason = ''] = error.message.split('\n');
    throw wrong(name, reason.replace('Invalid TOML document: ', ''), { line, column });
  }
}

function wrong(name: string, reason: string, position: FormatPosition = {}): FormatError {
  return new FormatError(name, reason, position, {
    hint: 'the file has `kargs = ["NAME=VALUE", ...]`, and `match-architectures = ["x86_64"]` where it is for some alone; whoever makes the image has to correct it',
  });
}
