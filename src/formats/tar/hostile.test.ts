import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../errors/index.ts';
import { type ByteString, fromText } from '../bytes/index.ts';
import { writeChecksum } from './header.ts';
import {
  containedHardlink,
  containedPath,
  createTarParser,
  createTarWriter,
  normalisePath,
  parseTar,
  type TarParserOptions,
} from './index.ts';
import { type PaxRecord, serializePaxRecords } from './pax-records.ts';

const TRAILER = Buffer.alloc(1024);

interface Fields {
  readonly name?: string;
  readonly flag?: string;
  readonly size?: string;
  readonly uid?: string;
  readonly mtime?: string;
  readonly link?: string;
  readonly magic?: string;
  readonly prefix?: string;
}

function block(fields: Fields = {}): Buffer {
  const header = Buffer.alloc(512);
  header.write(fields.name ?? 'f', 0, 'latin1');
  header.write('0000644', 100, 'latin1');
  header.write(fields.uid ?? '', 108, 'latin1');
  header.write(fields.size ?? '', 124, 'latin1');
  header.write(fields.mtime ?? '', 136, 'latin1');
  header.write(fields.flag ?? '0', 156, 'latin1');
  header.write(fields.link ?? '', 157, 'latin1');
  header.write(fields.magic ?? 'ustar\x0000', 257, 'latin1');
  header.write(fields.prefix ?? '', 345, 'latin1');
  writeChecksum(header);
  return header;
}

function padded(body: Buffer): Buffer {
  return Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

function extension(flag: string, body: Buffer): Buffer {
  return Buffer.concat([block({ flag, size: body.length.toString(8) }), padded(body)]);
}

function pax(records: Record<string, string>, flag = 'x'): Buffer {
  return extension(flag, serializePaxRecords(Object.entries(records) as unknown as PaxRecord[]));
}

const archive = (...parts: Buffer[]) => Buffer.concat([...parts, TRAILER]);
const first = (...parts: Buffer[]) => parseTar(archive(...parts))[0]!.entry;

function failure(input: Buffer, options: TarParserOptions = {}): FormatError {
  try {
    parseTar(input, options);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error('accepted');
}

const base256 = (length: number, value: bigint) => {
  const bytes = Buffer.alloc(length);
  let rest = BigInt.asUintN(8 * length, value);
  for (let i = length - 1; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  if (value >= 0n) bytes[0]! |= 0x80;
  return bytes.toString('latin1');
};

describe('a hostile archive is refused', () => {
  const long = Buffer.alloc(4097, 'a');
  it.each<[string, Buffer, RegExp]>([
    ['wrong checksum', Buffer.concat([Buffer.from('x'), block().subarray(1)]), /checksum/],
    ['not tar at all', Buffer.from('!<arch>\n'.repeat(100)), /not a tar archive/],
    ['cut in a header', block().subarray(0, 511), /cut off/],
    ['cut in a body', Buffer.concat([block({ size: '1000' }), Buffer.alloc(511)]), /cut off/],
    ['cut in padding', Buffer.concat([block({ size: '1' }), Buffer.alloc(511)]), /cut off/],
    ['cut at an entry', block(), /without its block of zeros/],
    ['empty', Buffer.alloc(0), /without its block of zeros/],
    ['garbage behind the end', Buffer.concat([archive(block()), Buffer.from('x')]), /behind the end/],
    [
      'an entry behind one zero block',
      Buffer.concat([block(), Buffer.alloc(512), block(), TRAILER]),
      /behind the end/,
    ],
    ['no name', archive(block({ name: '' })), /without a name/],
    ['size not octal', archive(block({ size: '9' })), /size is not an octal number/],
    ['size beyond 2^53', archive(block({ size: base256(12, 2n ** 53n) })), /size is out of range/],
    ['negative size', archive(block({ size: base256(12, -1n) })), /size is negative/],
    ['base-256 of more than 64 bits', archive(block({ size: base256(12, 2n ** 70n) })), /out of range/],
    ['owner -1', archive(block({ uid: base256(8, 0xffffffffn) })), /uid 4294967295 is out of range/],
    ['a directory with a body', archive(block({ flag: '5', size: '1' })), /a directory with a size/],
    ['a hardlink with a body', archive(block({ flag: '1', link: 'a', size: '1' })), /a hardlink with a size/],
    ['a link to nothing', archive(block({ flag: '2' })), /link to nothing/],
    ['GNU sparse', archive(block({ flag: 'S' })), /sparse/],
    ['GNU multi-volume', archive(block({ flag: 'M' })), /multi-volume/],
    ['an unknown type', archive(block({ flag: '\x01' })), /type \\x01/],
    ['pax sparse', archive(pax({ 'GNU.sparse.size': '1' }), block()), /sparse/],
    [
      'an access list of ZFS',
      archive(pax({ 'SCHILY.acl.ace': 'owner@:r:allow' }), block()),
      /SCHILY.acl.ace/,
    ],
    [
      'long name too long',
      archive(extension('L', Buffer.concat([long, Buffer.alloc(1)])), block()),
      /4098 bytes/,
    ],
    ['long name too long by one', archive(extension('L', long), block()), /4097 bytes; the most is 4096/],
    ['pax name too long', archive(pax({ path: 'a'.repeat(4097) }), block()), /4097 bytes/],
    ['pax name with NUL', archive(pax({ path: 'a\0b' }), block()), /NUL/],
    ['pax link with NUL', archive(pax({ linkpath: 'a\0b' }), block({ flag: '2' })), /NUL/],
    ['pax size', archive(pax({ size: '-1' }), block()), /not a usable number/],
    ['pax size too large', archive(pax({ size: '9007199254740992' }), block()), /not a usable number/],
    ['pax uid', archive(pax({ uid: '4294967295' }), block()), /out of range/],
    ['pax mtime', archive(pax({ mtime: '1e9' }), block()), /mtime/],
    ['pax device', archive(pax({ 'SCHILY.devmajor': '4096' }), block({ flag: '3' })), /device/],
    ['pax header too large', archive(block({ flag: 'x', size: '4000001' })), /1048577 bytes/],
    ['pax length missing', archive(extension('x', Buffer.from('a=b\n')), block()), /without a length/],
    ['pax length zero', archive(extension('x', Buffer.from('0 a=b\n')), block()), /where its length says/],
    [
      'pax length too long',
      archive(extension('x', Buffer.from('99 a=b\n')), block()),
      /where its length says/,
    ],
    ['pax length endless', archive(extension('x', Buffer.alloc(600, '1')), block()), /without a length/],
    ['pax without keyword', archive(extension('x', Buffer.from('5 =b\n')), block()), /without a keyword/],
    ['pax without equals', archive(extension('x', Buffer.from('6 abc\n')), block()), /without a keyword/],
    ['xattr name', archive(pax({ 'SCHILY.xattr.': '' }), block()), /xattr name/],
    ['xattr size', archive(pax({ 'SCHILY.xattr.user.a': 'a'.repeat(65537) }), block()), /65537 bytes/],
    ['xattr base64', archive(pax({ 'LIBARCHIVE.xattr.user.a': '%' }), block()), /base64/],
    ['global path', archive(pax({ path: 'a' }, 'g'), block()), /global pax header sets path/],
    ['global xattr', archive(pax({ 'SCHILY.xattr.user.a': '' }, 'g'), block()), /global pax header sets/],
    ['two pax headers', archive(pax({}), pax({}), block()), /second extension header \(x\)/],
    ['pax then global', archive(pax({}), pax({}, 'g'), block()), /second extension header \(g\)/],
    ['pax at the end', archive(pax({ uid: '1' })), /without an entry/],
  ])('%s', (_, input, reason) => {
    const error = failure(input);
    expect(error.reason).toMatch(reason);
    expect(error.hint).toBeTruthy();
  });

  it.each([
    ['x', archive(pax({ mtime: '1.5' }), block()), "unsupported PAX tar header type 'x'"],
    ['g', archive(pax({ comment: 'a' }, 'g'), block()), "unsupported PAX tar header type 'g'"],
    ['7', archive(block({ flag: '7' })), "unknown tar header type '7'"],
    ['S', archive(block({ flag: 'S' })), "unsupported GNU tar header type 'S'"],
    ['V', archive(block({ flag: 'V' })), "unsupported GNU tar header type 'V'"],
  ])('what dpkg does not know, in its words: %s', (_, input, words) => {
    expect(failure(input, { types: 'dpkg' })).toMatchObject({
      reason: words,
      hint: expect.stringContaining('--format=gnu') as string,
    });
  });

  const MAP = { 'GNU.sparse.size': '100', 'GNU.sparse.numblocks': '1' };
  const IN_BODY = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '100' };
  const body = (text: string) => [block({ size: (512).toString(8) }), padded(Buffer.from(text))];
  it.each<[string, Buffer, RegExp]>([
    [
      'pieces that overlap',
      archive(
        pax({ ...MAP, 'GNU.sparse.map': '0,10,5,10' }),
        block({ size: '24' }),
        padded(Buffer.alloc(20)),
      ),
      /overlap/,
    ],
    [
      'a piece behind the end',
      archive(pax({ ...MAP, 'GNU.sparse.map': '90,20' }), block({ size: '24' }), padded(Buffer.alloc(20))),
      /behind its end/,
    ],
    [
      'less than the pieces have',
      archive(pax({ ...MAP, 'GNU.sparse.map': '0,30' }), block({ size: '24' }), padded(Buffer.alloc(20))),
      /have 30 bytes, the archive has 20/,
    ],
    ['half a piece', archive(pax({ ...MAP, 'GNU.sparse.map': '0,1,2' }), block()), /half a region/],
    ['no number', archive(pax({ ...MAP, 'GNU.sparse.map': '0,x' }), block()), /not a usable number/],
    ['no size', archive(pax({ 'GNU.sparse.map': '0,1' }), block()), /without its size/],
    ['a later version', archive(pax({ ...IN_BODY, 'GNU.sparse.minor': '1' }), block()), /version 1.1/],
    ['a directory', archive(pax({ 'GNU.sparse.size': '0' }), block({ flag: '5' })), /directory with holes/],
    ['a map that is missing', archive(pax(IN_BODY), block()), /behind|cut off|number|without/],
    ['a map that is text', archive(pax(IN_BODY), ...body('hello\n')), /not a usable number/],
    ['a map without an end', archive(pax(IN_BODY), ...body('1'.repeat(512))), /without a map/],
    [
      'a map of too many pieces',
      archive(pax(IN_BODY), ...body('1000001\n0\n1\n')),
      /more than 1000000 pieces/,
    ],
    ['a map that is cut off', archive(pax(IN_BODY), ...body(`900\n${'0\n'.repeat(254)}`)), /cut off/],
    ['a global map', archive(pax({ 'GNU.sparse.size': '1' }, 'g'), block()), /global pax header sets/],
  ])('holes: %s', (_, input, reason) => {
    expect(failure(input, { sparse: 'read' }).reason).toMatch(reason);
  });

  it.each([
    ['user:lisa:rwx', /f: the access list .*names user "lisa" without its number/],
    ['user::rw', /f: the access list .*is not one/],
    ['mask:1:rwx', /is not one/],
    ['user:4294967295:rwx', /without its number/],
    ['nonsense', /is not one/],
  ])('the access list %s', (text, reason) => {
    const input = archive(pax({ 'SCHILY.acl.access': text }), block());
    expect(failure(input, { acls: 'read' }).reason).toMatch(reason);
    expect(parseTar(input)[0]!.entry.xattrs).toBeUndefined();
  });

  it('names the offset', () => {
    expect(failure(archive(block({ size: '1' }), Buffer.alloc(512), block({ flag: 'S' }))).position).toEqual({
      offset: 1024,
    });
    expect(failure(Buffer.concat([archive(block()), Buffer.from('x')])).position).toEqual({ offset: 1536 });
  });

  it('does not allocate for a size it has not seen', () => {
    const before = process.memoryUsage().arrayBuffers;
    expect(() => parseTar(block({ size: base256(12, 2n ** 52n) }))).toThrow(/cut off/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });
});

describe('unusual archives are read', () => {
  it('with numbers in base 256', () => {
    expect(first(block({ uid: base256(8, 3_000_000n), mtime: base256(12, -5n) }))).toMatchObject({
      uid: 3_000_000,
      mtime: -5,
    });
    expect(first(block({ mtime: base256(12, -(2n ** 40n)) })).mtime).toBe(-(2 ** 40));
  });

  it('with blanks around octal numbers', () => {
    expect(first(block({ uid: '   17 \0' })).uid).toBe(0o17);
  });

  it('with signed checksums', () => {
    const header = block({ name: '\xff\xfe' });
    header.write('        ', 148, 'latin1');
    let sum = 0;
    for (const byte of header) sum += byte > 0x7f ? byte - 256 : byte;
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    expect(first(header).path).toBe('\xff\xfe');
  });

  it('with v7 directories', () => {
    expect(first(block({ name: 'd/', flag: '\0', magic: '\0\0\0\0\0\0\0\0' }))).toMatchObject({
      type: 'directory',
      path: 'd',
    });
  });

  it('with a prefix only where POSIX has one', () => {
    expect(first(block({ prefix: 'p/q' })).rawPath).toBe('p/q/f');
    expect(first(block({ prefix: 'p/q', magic: 'ustar  \0' })).rawPath).toBe('f');
  });

  it('with a pax name over a GNU one, in both orders', () => {
    const gnu = extension('L', Buffer.from('gnu\0'));
    const posix = pax({ path: 'pax' });
    expect(first(gnu, posix, block()).path).toBe('pax');
    expect(first(posix, gnu, block()).path).toBe('pax');
    expect(first(extension('K', Buffer.from('target\0')), block({ flag: '2' })).linkTarget).toBe('target');
  });

  it('with global values until they are taken back, and local ones before them', () => {
    const entries = parseTar(
      archive(
        pax({ uid: '5', gid: '6', comment: 'c' }, 'g'),
        block(),
        pax({ uid: '7' }),
        block(),
        pax({ uid: '' }, 'g'),
        block({ uid: '1' }),
      ),
    ).map(({ entry: { uid, gid } }) => [uid, gid]);
    expect(entries).toEqual([
      [5, 6],
      [7, 6],
      [1, 6],
    ]);
  });

  it('with a pax size for the body', () => {
    const [member] = parseTar(archive(pax({ size: '3' }), block(), padded(Buffer.from('abc'))));
    expect(member!.body.toString()).toBe('abc');
  });

  it('with xattrs in every spelling', () => {
    const { xattrs } = first(
      pax({
        'SCHILY.xattr.user.a%3Db%25': 'x=\n\0\xff',
        'LIBARCHIVE.xattr.user.c%20d': 'AAE',
        'RHT.security.selinux': 'label',
      }),
      block(),
    );
    expect([...xattrs!]).toEqual([
      ['user.a=b%', 'x=\n\0\xff'],
      ['user.c d', '\0\x01'],
      ['security.selinux', 'label\0'],
    ]);
  });

  it('without a trailer, on request', () => {
    expect(parseTar(block(), { missingTrailer: 'accept' })).toHaveLength(1);
    expect(() => parseTar(block().subarray(0, 100), { missingTrailer: 'accept' })).toThrow(/cut off/);
    expect(() => parseTar(pax({}), { missingTrailer: 'accept' })).toThrow(/without an entry/);
  });

  it('without the padding of its last body, on request', () => {
    const cut = Buffer.concat([block({ size: '3' }), Buffer.from('abc')]);
    expect(() => parseTar(cut, { missingTrailer: 'accept' })).toThrow(/cut off/);
    expect(parseTar(cut, { missingTrailer: 'accept-unpadded' })[0]?.body.toString()).toBe('abc');
    expect(() => parseTar(cut.subarray(0, -1), { missingTrailer: 'accept-unpadded' })).toThrow(/cut off/);
  });

  it('with one block of zeros at the end', () => {
    expect(parseTar(Buffer.concat([block(), Buffer.alloc(512)]))).toHaveLength(1);
  });
});

describe('paths', () => {
  it.each([
    ['./usr/bin/x', 'usr/bin/x'],
    ['./usr/', 'usr'],
    ['./', ''],
    ['.', ''],
    ['/', ''],
    ['/etc/x', 'etc/x'],
    ['././/a//b/./c/', 'a/b/c'],
    ['.//etc', 'etc'],
    ['a/..b/...', 'a/..b/...'],
    ['a/../b', 'a/../b'],
    ['.hidden', '.hidden'],
    ['a/.', 'a'],
    ['a//', 'a'],
  ])('%j is %j', (raw, path) => {
    expect(normalisePath(fromText(raw))).toBe(path);
  });

  it('come out in one form', () => {
    const part = fc.constantFrom('a', '.', '..', '', 'bc', '.d');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), parts => {
        const expected = parts.filter(name => name !== '' && name !== '.').join('/');
        expect(normalisePath(parts.join('/') as ByteString)).toBe(expected);
      }),
    );
  });

  it.each(['../x', 'a/../../x', './..', '/etc/x', 'a/..'])('%j may not leave the root', name => {
    expect(() => containedPath(first(block({ name })))).toThrow(FormatError);
    expect(() => containedHardlink(first(block({ flag: '1', link: name })))).toThrow(FormatError);
  });

  it('may start with a slash where the consumer strips it', () => {
    expect(containedPath(first(block({ name: '/etc/x' })), { absolute: 'strip' })).toBe('etc/x');
    expect(() => containedPath(first(block({ name: '/../x' })), { absolute: 'strip' })).toThrow(/has a \.\./);
    expect(containedHardlink(first(block({ flag: '1', link: './usr/bin/..x' })))).toBe('usr/bin/..x');
  });
});

describe('random input', () => {
  const outcome = (input: Buffer) => {
    const parser = createTarParser({
      entry: () => undefined,
      data: () => undefined,
      entryEnd: () => undefined,
    });
    try {
      parser.write(input);
      parser.end();
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
  };

  it('of any bytes gives a FormatError or nothing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 3000 }), input => outcome(Buffer.from(input))));
  });

  it('near an archive gives a FormatError or nothing', () => {
    const chunks: Buffer[] = [];
    const writer = createTarWriter(chunk => chunks.push(Buffer.from(chunk)));
    const [entry] = parseTar(archive(pax({ 'SCHILY.xattr.user.a': 'b', mtime: '1.5' }), block()));
    for (const name of ['a', 'b'.repeat(300)]) writer.entry({ ...entry!.entry, path: fromText(name) });
    writer.end();
    const good = Buffer.concat(chunks);
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.boolean(), (changes, repair) => {
        const bad = Buffer.from(good);
        for (const [at, byte] of changes) bad[at] = byte;
        // With the checksums put right again, the fields themselves are what is tested.
        if (repair)
          for (let at = 0; at < bad.length; at += 512)
            if (bad[at] !== 0) writeChecksum(bad.subarray(at, at + 512));
        outcome(bad);
      }),
      { numRuns: 500 },
    );
  });
});
