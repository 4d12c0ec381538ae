import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../../errors/index.ts';
import { fromText } from '../../formats/bytes/index.ts';
import type { Directory, Metadata, Node } from '../../formats/tree/index.ts';
import { verityDigest } from '../../formats/verity/index.ts';
import { parsePublicEtc, publicEtc } from './etc.ts';

const meta = (mode: number): Metadata => ({
  ...{ mode, uid: 0, gid: 0, mtime: 1, mtimeNsec: 0, xattrs: undefined },
});
const file = (mode: number, text: string): Node => {
  const bytes = Buffer.from(text);
  return { ...meta(mode), kind: 'file', size: bytes.length, content: { kind: 'inline', bytes }, nlink: 1 };
};
const directory = (mode: number, entries: Readonly<Record<string, Node>>): Directory => {
  const named = Object.entries(entries).map(([name, node]) => [fromText(name), node] as const);
  return { ...meta(mode), kind: 'directory', entries: new Map(named) };
};
const recordOf = (etc: Directory) => publicEtc(directory(0o755, { etc }), 'sha256');

describe('the public record of /etc', () => {
  it('has what others may read by digest, and no more than kind, mode and owner of the rest', () => {
    const etc = directory(0o755, {
      issue: file(0o644, 'open text'),
      shadow: file(0o640, 'root:secret'),
      closed: directory(0o700, { 'name-that-tells': file(0o644, 'x') }),
      listed: directory(0o754, { 'not-entered': file(0o644, 'x') }),
      'name with a space': file(0o600, 'secret'),
    });
    const text = recordOf(etc);
    for (const hidden of ['open text', 'secret', 'name-that-tells', 'not-entered'])
      expect(text).not.toContain(hidden);
    const { tree, algorithm } = parsePublicEtc('etc.json', Buffer.from(text));
    expect(algorithm).toBe('sha256');
    const at = (name: string) => tree.entries.get(fromText(name));
    expect([...tree.entries.keys()].sort()).toEqual([...etc.entries.keys()].sort());
    expect(at('issue')).toMatchObject({
      ...{ kind: 'file', mode: 0o644, size: 9 },
      content: { kind: 'object', digest: verityDigest(Buffer.from('open text'), 'sha256') },
    });
    expect(at('shadow')).toMatchObject({ kind: 'file', mode: 0o640, size: 0 });
    expect(at('closed')).toMatchObject({ kind: 'directory', mode: 0o700, entries: new Map() });
  });

  it('of an image without /etc is that of an empty one', () => {
    const text = publicEtc(directory(0o755, {}), 'sha512');
    expect(parsePublicEtc('etc.json', Buffer.from(text)).tree.entries.size).toBe(0);
  });

  it('with any bytes in it is a typed error that names the file, or read', () => {
    const good = recordOf(directory(0o755, { a: file(0o644, 'x'), b: file(0o600, '') }));
    const changed = fc.tuple(fc.nat(good.length - 1), fc.string({ maxLength: 4 }));
    fc.assert(
      fc.property(changed, ([at, put]) => {
        const text = good.slice(0, at) + put + good.slice(at + put.length);
        try {
          parsePublicEtc('etc.json', Buffer.from(text));
        } catch (error) {
          expect(error).toBeInstanceOf(AptLayerError);
          expect((error as Error).message).toMatch(/etc\.json|dump/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
