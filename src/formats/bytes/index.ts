/**
 * Names, paths, xattr keys and xattr values of image content are bytes, not text: Debian file names need not be
 * UTF-8. A `ByteString` holds such bytes as a JavaScript string with one character 0x00..0xff per byte (the
 * "latin1" view). That makes it a cheap Map key, and `<` on it is unsigned byte order, which is the order every
 * format here wants. Never print one or hand it to node:fs as it is: use `toText` and `toPath`.
 * See docs/decisions for why not Buffer.
 */
export type ByteString = string & { readonly __bytes: unique symbol };

/** The bytes of a Buffer, or of a slice of it. */
export function fromBuffer(buffer: Buffer, start = 0, end = buffer.length): ByteString {
  return buffer.toString('latin1', start, end) as ByteString;
}

/** The UTF-8 bytes of ordinary text (a constant, a path we made, a package name). */
export function fromText(text: string): ByteString {
  return (isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')) as ByteString;
}

export function toBuffer(bytes: ByteString): Buffer {
  return Buffer.from(bytes, 'latin1');
}

/** What node:fs and sys/ take as a path: the string itself when it is ASCII, else the raw bytes. */
export function toPath(bytes: ByteString): string | Buffer {
  return isAscii(bytes) ? bytes : toBuffer(bytes);
}

/** For messages and JSON: UTF-8 where it is valid, `\xHH` for control characters and for bytes that are not. */
export function toText(bytes: ByteString): string {
  if (/^[\x20-\x7e]*$/.test(bytes)) return bytes;
  const text = toBuffer(bytes).toString('utf8');
  const valid = !text.includes('�') || Buffer.from(text, 'utf8').toString('latin1') === bytes;
  return (valid ? text : bytes).replace(valid ? /[\x00-\x1f\x7f]/g : /[^\x20-\x7e]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Unsigned byte order; a proper prefix sorts first. For Array.sort. */
export function compareBytes(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Joins a directory and a name; the directory may be empty (the root). */
export function joinPath(directory: ByteString, name: ByteString): ByteString {
  return `${directory}/${name}` as ByteString;
}
