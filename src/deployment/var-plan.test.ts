import { describe, expect, it } from 'vitest';
import { type ByteString, fromText } from '../formats/bytes/index.ts';
import { type Directory, type Metadata, type Node, walk } from '../formats/tree/index.ts';
import { missingParts, seedOf } from './var-plan.ts';

const meta = (): Metadata => ({ mode: 0o755, uid: 0, gid: 0, mtime: 1, mtimeNsec: 0, xattrs: undefined });

/** Paths become a tree: a trailing slash is a directory, `a -> b` a link, anything else a file. */
function tree(...paths: string[]): Directory {
  const root: Directory = { ...meta(), kind: 'directory', entries: new Map() };
  for (const text of paths) {
    const [path = '', target] = text.split(' -> ');
    const names = path.split('/').filter(name => name !== '');
    let at = root;
    names.forEach((name, index) => {
      const last = index === names.length - 1;
      at = place(at, fromText(name), last && !path.endsWith('/') ? leaf(target) : undefined);
    });
  }
  return root;
}

function leaf(target: string | undefined): Node {
  return target === undefined
    ? { ...meta(), kind: 'file', size: 0, content: { kind: 'inline', bytes: Buffer.alloc(0) }, nlink: 1 }
    : { ...meta(), kind: 'symlink', target: fromText(target), nlink: 1 };
}

function place(at: Directory, name: ByteString, node: Node | undefined): Directory {
  const existing = at.entries.get(name);
  if (existing?.kind === 'directory') return existing;
  const made: Node = node ?? { ...meta(), kind: 'directory', entries: new Map() };
  at.entries.set(name, made);
  return made.kind === 'directory' ? made : at;
}

function paths(directory: Directory): string[] {
  return [...walk(directory)].map(({ path }) => path).filter(path => path !== '');
}

describe('seedOf', () => {
  it('takes /var without what belongs to the image or is made again', () => {
    const image = tree(
      'etc/passwd',
      'var/lib/dpkg/status',
      'var/lib/apt/lists/x',
      'var/lib/apt/extended_states -> ../../../usr/lib/sysimage/extended_states',
      'var/lib/postgresql/data',
      'var/cache/apt/archives/partial/',
      'var/cache/apt/pkgcache.bin',
      'var/log/apt/term.log',
      'var/tmp/x',
      'var/run -> /run',
    );
    expect(paths(seedOf(image))).toStrictEqual([
      '/cache',
      '/cache/apt',
      '/cache/apt/archives',
      '/cache/apt/archives/partial',
      '/lib',
      '/lib/apt',
      '/lib/apt/extended_states',
      '/lib/apt/lists',
      '/lib/postgresql',
      '/lib/postgresql/data',
      '/log',
      '/log/apt',
      '/run',
      '/tmp',
    ]);
  });

  it('keeps the link to the package database of the image', () => {
    const image = tree('var/lib/dpkg -> ../../usr/lib/sysimage/dpkg');
    expect(paths(seedOf(image))).toStrictEqual(['/lib', '/lib/dpkg']);
  });

  it('is empty for an image without /var', () => {
    expect(paths(seedOf(tree('etc/')))).toStrictEqual([]);
    expect(seedOf(tree('var -> /elsewhere')).entries.size).toBe(0);
  });
});

describe('missingParts', () => {
  const seed = tree('a/b/c', 'a/d', 'e');
  function missing(present: Record<string, 'directory' | 'other'>) {
    const asked: string[] = [];
    const parts = missingParts(seed, path => {
      asked.push(path);
      return present[path] ?? 'nothing';
    });
    return { parts: parts.map(part => part.path).sort(), asked };
  }

  it('is all of it at first', () => {
    expect(missing({}).parts).toStrictEqual(['']);
  });

  it('is the topmost of what lacks', () => {
    expect(missing({ '': 'directory', '/a': 'directory', '/a/d': 'other' }).parts).toStrictEqual([
      '/a/b',
      '/e',
    ]);
  });

  it('never looks behind a link or file in the way', () => {
    const { parts, asked } = missing({ '': 'directory', '/a': 'other' });
    expect(parts).toStrictEqual(['/e']);
    expect(asked).not.toContain('/a/b');
  });
});
