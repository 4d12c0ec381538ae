import { FormatError } from '../../errors/index.ts';
import { type ByteString, toText } from '../bytes/index.ts';

/** Methods of every Buffer that its type does not tell; `write` finds them by the name of an encoding, more slowly. */
interface DirectWrites {
  latin1Write(text: string, offset: number): number;
  hexWrite(digits: string, offset: number): number;
}

/** An image being written, zeroed, as bytes and as little-endian words. */
export interface ImageBuffer {
  readonly bytes: Buffer & DirectWrites;
  readonly words: Uint32Array;
}

export function createImageBuffer(totalBytes: number): ImageBuffer {
  // The words are the host's own; every Debian port with node and composefs is little-endian but s390x.
  if (new Uint8Array(Uint32Array.of(1).buffer)[0] !== 1)
    throw new Error('images can only be written on a little-endian host');
  const memory = new ArrayBuffer(totalBytes);
  return { bytes: Buffer.from(memory) as Buffer & DirectWrites, words: new Uint32Array(memory) };
}

/** Writes a name. A slash or NUL in it is an error: such an image would be refused, or worse, believed. */
export function writeName(bytes: Buffer, name: ByteString, position: number): void {
  for (let i = 0; i < name.length; i++) {
    const byte = name.charCodeAt(i);
    if (byte === 0 || byte === 0x2f) {
      throw new FormatError('composefs image', `the name ${toText(name)} has a slash or a NUL byte in it`);
    }
    bytes[position + i] = byte;
  }
}
