import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenImage, goldenNames, refusedDumps } from '../../../tests/support/golden-composefs.ts';
import { canonicalText, randomSource, randomTree } from '../../../tests/support/random-tree.ts';
import { FormatError } from '../../errors/index.ts';
import { fromText } from '../bytes/index.ts';
import { type Leaf, lookup, type Node } from '../tree/index.ts';
import { parseDump, serializeDump } from './index.ts';

const ROOT = '/ 4096 40755 2 0 0 0 1.0 - - -\n';
const DIGEST = 'ab'.repeat(32);

function parse(lines: string): ReturnType<typeof parseDump> {
  return parseDump(Buffer.from(ROOT + lines, 'latin1'));
}

function nodeAt(lines: string, path: string): Node {
  const node = lookup(parse(lines).tree, fromText(path));
  if (node === undefined) throw new Error(`no ${path}`);
  return node;
}

function refusal(dump: Buffer): FormatError {
  try {
    parseDump(dump);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error('the dump was accepted');
}

describe('parseDump', () => {
  it.each(refusedDumps().map(({ name, dump }) => [name, dump] as const))('refuses %s', (_, dump) => {
    const error = refusal(dump);
    expect(error.position.line).toBeGreaterThan(0);
    expect(error.reason).not.toBe('');
  });

  it.each([
    ['a blank line', '\n/a 0 100644 1 0 0 0 1.0 - - -\n', 2, /blank line/],
    ['an empty integer', '/a  100644 1 0 0 0 1.0 - - -\n', 2, /size is not a decimal/],
    ['a short line', '/a 0 100644\n', 2, /nlink/],
    ['a malformed gid of an owner that is not root', '/a 0 100644 1 5 x 0 1.0 - - -\n', 2, /gid/],
    ['mtime without a dot', '/a 0 100644 1 0 0 0 1 - - -\n', 2, /SECONDS.NANOSECONDS/],
    ['a short digest', '/a 9 100644 1 0 0 0 1.0 - - abcd\n', 2, /hex digits/],
    ['a digest with other letters', `/a 9 100644 1 0 0 0 1.0 - - ${'zz'.repeat(32)}\n`, 2, /hex digits/],
    ['a missing parent', '/d/a 0 100644 1 0 0 0 1.0 - - -\n', 2, /does not exist yet/],
    [
      'a hardlink as parent',
      '/a 0 100644 1 0 0 0 1.0 - - -\n/l 0 @100644 1 0 0 0 1.0 /a - -\n/l/x 0 100644 1 0 0 0 1.0 - - -\n',
      4,
      /not a directory/,
    ],
    [
      'a hardlink to a directory',
      '/d 0 40755 2 0 0 0 1.0 - - -\n/l 0 @100644 1 0 0 0 1.0 /d - -\n',
      3,
      /is a directory/,
    ],
    ['a hardlink to the root', '/l 0 @100644 1 0 0 0 1.0 / - -\n', 2, /is a directory/],
    [
      'a circle of hardlinks',
      '/a 0 @100644 1 0 0 0 1.0 /b - -\n/b 0 @100644 1 0 0 0 1.0 /a - -\n',
      2,
      /circle/,
    ],
    ['a name with an escaped slash and no parent', '/a\\x2fb 0 100644 1 0 0 0 1.0 - - -\n', 2, /parent/],
    [
      'xattrs beyond the line limit',
      `/a 0 100644 1 0 0 0 1.0 - - - ${'user.a=b '.repeat(7300)}\n`,
      2,
      /65535/,
    ],
    ['two spaces at the end', '/a 0 100644 1 0 0 0 1.0 - - -  \n', 2, /two spaces/],
  ])('refuses %s', (_, lines, line, reason) => {
    const error = refusal(Buffer.from(ROOT + lines, 'latin1'));
    expect(error.position.line).toBe(line);
    expect(error.reason).toMatch(reason);
  });

  it('refuses nothing at all', () => {
    expect(() => parseDump(Buffer.alloc(0))).toThrow(/no root directory/);
  });

  it.each([
    ['+12', 12],
    ['\t7', 7],
    ['-1', 2 ** 32 - 1],
    ['4294967297', 1],
    ['99999999999999999999999999', 2 ** 32 - 1],
    ['000000000000000000000005', 5],
  ])('reads the uid %j as strtoull does', (text, uid) => {
    expect(nodeAt(`/a 0 100644 1 ${text} 0 0 1.0 - - -\n`, '/a').uid).toBe(uid);
  });

  it.each<[string, number | bigint, number]>([
    ['-1.5', -1, 5],
    ['9007199254740993.0', 9007199254740993n, 0],
    ['9223372036854775808.0', -(2n ** 63n), 0],
    ['1.4294967296', 1, 0],
    ['1700000000.999999999', 1700000000, 999999999],
  ])('reads the mtime %s', (text, seconds, nsec) => {
    const node = nodeAt(`/a 0 100644 1 0 0 0 ${text} - - -\n`, '/a');
    expect([node.mtime, node.mtimeNsec]).toEqual([seconds, nsec]);
  });

  it('undoes escapes, and ends paths at a NUL but not values', () => {
    const node = nodeAt(
      '/a\\x62\\\\\\x00zz 3 100644 1 0 0 0 1.0 - \\x00\\n\\t - user.x=\\x00=\\x3D\n',
      '/ab\\',
    ) as Leaf;
    expect(node.kind === 'file' && node.content).toEqual({ kind: 'inline', bytes: Buffer.from('\0\n\t') });
    expect([...node.xattrs!]).toEqual([['user.x', '\0==']]);
  });

  it.each([
    [`ab/${DIGEST.slice(2)} - ${DIGEST}`, { kind: 'object', digest: DIGEST }],
    [`ab/${DIGEST.slice(2)} - ${DIGEST.toUpperCase()}`, { kind: 'object', digest: DIGEST }],
    [`\\x61b/${DIGEST.slice(2)} - ${DIGEST}`, { kind: 'object', digest: DIGEST }],
    [`elsewhere - ${DIGEST}`, { kind: 'path', path: 'elsewhere', digest: DIGEST }],
    [`- - ${DIGEST}`, { kind: 'path', path: '', digest: DIGEST }],
    ['\\x2d - -', { kind: 'path', path: '-', digest: undefined }],
  ])('takes %s for the right kind of content', (fields, content) => {
    expect(nodeAt(`/a 9 100644 1 0 0 0 1.0 ${fields}\n`, '/a')).toMatchObject({
      kind: 'file',
      size: 9,
      content,
    });
  });

  it('follows hardlinks forward and through other hardlinks, and remembers an unusual real name', () => {
    const { tree, realNames } = parse(
      '/a 0 @100644 0 - - - 0.0 /b - -\n/b 0 @100644 0 - - - 0.0 /z - -\n/y 0 @100644 0 - - - 0.0 /a - -\n/z 0 100644 4 0 0 0 1.0 - - -\n',
    );
    const leaf = lookup(tree, fromText('/z')) as Leaf;
    for (const path of ['/a', '/b', '/y']) expect(lookup(tree, fromText(path))).toBe(leaf);
    expect(realNames.get(leaf)).toEqual({ directory: tree, name: 'z' });
  });

  it('needs no real name when it is the first', () => {
    const { realNames } = parse('/a 0 100644 2 0 0 0 1.0 - - -\n/b 0 @100644 0 - - - 0.0 /a - -\n');
    expect(realNames.size).toBe(0);
  });

  it('survives random text and changed bytes', () => {
    const dump = goldenImage('34-parser').dump;
    const random = randomSource(5);
    const attempt = (text: Buffer): void => {
      try {
        parseDump(text);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        expect((error as FormatError).position.line).toBeTypeOf('number');
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), bytes => attempt(Buffer.from(bytes))));
    for (let run = 0; run < 2000; run++) {
      const broken = Buffer.from(dump);
      for (let n = 1 + random(3); n > 0; n--)
        broken[random(broken.length)] = ' \n\\x0/@-=.9'.charCodeAt(random(12));
      attempt(broken);
    }
  });
});

describe('serializeDump', () => {
  it.each(goldenNames())('prints the dump of %s as composefs-info does', name => {
    const { redump } = goldenImage(name);
    expect(serializeDump(parseDump(redump).tree).equals(redump)).toBe(true);
  });

  it('is what parseDump reads', () => {
    fc.assert(
      fc.property(fc.integer(), seed => {
        const tree = randomTree(seed, { size: 80, whiteouts: true, specialSizes: true });
        const text = serializeDump(tree);
        const { tree: again, realNames } = parseDump(text);
        expect(realNames.size).toBe(0);
        expect(canonicalText(again)).toBe(canonicalText(tree));
        expect(again).toEqual(tree);
      }),
      { numRuns: 40 },
    );
  });
});
