/** A member of a tar archive that is written as it is told, right or wrong. */
export interface RawMember {
  readonly name: string;
  /** Default: a file. The type flag of the header. */
  readonly type?: '0' | '1' | '2' | '3' | '5' | '7';
  readonly body?: string | Buffer;
  readonly link?: string;
  readonly mode?: number;
  /** Whole seconds; default: the beginning of 2024. */
  readonly mtime?: number;
}

const BLOCK_BYTES = 512;

/** A ustar archive of root's files. */
export function rawTar(members: readonly RawMember[]): Buffer {
  const blocks = members.flatMap(member => {
    const body = Buffer.from(member.body ?? '');
    const padding = Buffer.alloc((BLOCK_BYTES - (body.length % BLOCK_BYTES)) % BLOCK_BYTES);
    return [header(member, body.length), body, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]);
}

function header(
  { name, type = '0', link = '', mode, mtime = 1_704_067_200 }: RawMember,
  size: number,
): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
  block.write(name, 0, 'utf8');
  block.write(octal(mode ?? (type === '5' ? 0o755 : 0o644), 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(mtime, 11), 136);
  block.write(type, 156);
  block.write(link, 157, 'utf8');
  block.write('ustar\0' + '00', 257, 'latin1');
  block.write('root', 265);
  block.write('root', 297);
  block.fill(' ', 148, 156);
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
    'latin1',
  );
  return block;
}
