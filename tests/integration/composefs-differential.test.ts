import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors/index.ts';
import { parseDump, serializeDump } from '../../src/formats/dump/index.ts';
import { readImage, writeImage } from '../../src/formats/erofs/index.ts';
import { verityDigest } from '../../src/formats/verity/index.ts';
import { goldenImage, withoutReadOverrun } from '../support/golden-composefs.ts';
import { composefsInfo, ensureMkcomposefs, mkcomposefs } from '../support/mkcomposefs.ts';
import { randomSource, randomTree } from '../support/random-tree.ts';

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'composefs-differential-'));
const theirImage = path.join(work, 'image');

beforeAll(ensureMkcomposefs);
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

interface Theirs {
  readonly image: Buffer;
  readonly digest: string;
}

/** What mkcomposefs makes of a dump; undefined when it refuses. */
function makeTheirs(dump: Buffer): Theirs | undefined {
  fs.rmSync(theirImage, { force: true });
  const { code, stdout } = mkcomposefs(['--from-file', '--print-digest', '-', theirImage], dump);
  return code === 0 ? { image: fs.readFileSync(theirImage), digest: stdout.toString().trim() } : undefined;
}

/** What we make of it; the FormatError when we refuse. */
function makeOurs(dump: Buffer): Buffer | FormatError {
  try {
    const { tree, realNames } = parseDump(dump);
    return writeImage(tree, { version: 'auto', realNames }).image;
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}

function expectSameImage(dump: Buffer): boolean {
  const theirs = makeTheirs(dump);
  const ours = makeOurs(dump);
  if (theirs === undefined || ours instanceof FormatError) {
    expect([theirs, ours]).toEqual([undefined, expect.any(FormatError)]);
    return false;
  }
  expect(ours.equals(theirs.image)).toBe(true);
  expect(verityDigest(ours, 'sha256')).toBe(theirs.digest);
  const text = serializeDump(readImage(ours).tree).toString('latin1');
  const redump = composefsInfo(['dump', theirImage]);
  expect(redump.code).toBe(0);
  expect(text).toBe(withoutReadOverrun(redump.stdout.toString('latin1'), text));
  return true;
}

/** Makes the last name of each hardlinked file its real one, so that the first name points forward. */
function swapRealNames(dump: Buffer): Buffer {
  const lines = dump
    .toString('latin1')
    .split('\n')
    .map(line => line.split(' '));
  const rows = new Map(lines.map((fields, row) => [fields[0], row]));
  const lastLink = new Map<string, number>();
  lines.forEach((fields, row) => {
    if (fields[2]?.startsWith('@')) lastLink.set(fields[8]!, row);
  });
  for (const [first, row] of lastLink) {
    const real = lines[rows.get(first)!]!;
    const link = lines[row]!;
    lines[rows.get(first)!] = [first, '0', link[2]!, '0', '0', '0', '0', '0.0', link[0]!, '-', '-'];
    lines[row] = [link[0]!, ...real.slice(1)];
  }
  return Buffer.from(lines.map(fields => fields.join(' ')).join('\n'), 'latin1');
}

describe('random trees', () => {
  it('give the image, the digest and the dump that mkcomposefs and composefs-info give', () => {
    let accepted = 0;
    for (let seed = 0; seed < 150; seed++) {
      const tree = randomTree(seed, { size: 10 + seed * 2, whiteouts: seed % 3 === 0, specialSizes: true });
      if (expectSameImage(serializeDump(tree))) accepted += 1;
    }
    expect(accepted).toBeGreaterThan(100);
  });

  it('agree when the dump names the real hardlink', () => {
    let unusual = 0;
    for (let seed = 1000; seed < 1040; seed++) {
      const dump = swapRealNames(serializeDump(randomTree(seed, { size: 150 })));
      unusual += parseDump(dump).realNames.size;
      expectSameImage(dump);
    }
    expect(unusual).toBeGreaterThan(20);
  });
});

describe('broken dumps', () => {
  /** Where we refuse on purpose what mkcomposefs lets through. */
  const STRICTER = /hex digits|is a directory|gid is not|rdev is not/;

  it.each(['34-parser', '15-hardlinks', '24-xattr-shared', '05-external-variants', '19-whiteouts-auto'])(
    'made from %s: what we accept gives the same image, and what we refuse is refused',
    name => {
      const { dump } = goldenImage(name);
      const random = randomSource(name.length);
      const differences: string[] = [];
      for (let run = 0; run < 120; run++) {
        const broken = Buffer.from(dump);
        for (let n = 1 + random(2); n > 0; n--)
          broken[random(broken.length)] = ' \n\\x0/@-=.19+a'.charCodeAt(random(15));
        const ours = makeOurs(broken);
        const theirs = makeTheirs(broken);
        if (
          ours instanceof FormatError
            ? theirs === undefined || STRICTER.test(ours.reason)
            : theirs && ours.equals(theirs.image)
        )
          continue;
        differences.push(
          `${ours instanceof FormatError ? ours.message : 'accepted'}:\n${broken.toString('latin1')}`,
        );
      }
      expect(differences).toEqual([]);
    },
  );
});

describe('real directories', () => {
  it.each(['/etc', '/usr/share/perl5'])('%s', directory => {
    const { code, stdout } = mkcomposefs(['--print-digest', directory, theirImage]);
    expect(code).toBe(0);
    const dump = composefsInfo(['dump', theirImage]).stdout;
    const ours = makeOurs(dump);
    expect(verityDigest(ours as Buffer, 'sha256')).toBe(stdout.toString().trim());
    expect((ours as Buffer).equals(fs.readFileSync(theirImage))).toBe(true);
    expect(serializeDump(parseDump(dump).tree).equals(dump)).toBe(true);
  });
});
