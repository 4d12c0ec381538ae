import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const DIRECTORY = new URL('../golden/composefs/', import.meta.url);

/** A dump and what mkcomposefs makes of it. */
export interface GoldenImage {
  readonly name: string;
  readonly version: 0 | 1 | 'auto';
  readonly dump: Buffer;
  readonly digest: string;
  readonly sha256: string;
  /** What composefs-info prints for the image. */
  readonly redump: Buffer;
}

/** What the composefs-rs writer makes of a dump. */
export interface GoldenRustImage {
  readonly dump: string;
  readonly alg: 'sha256' | 'sha512';
  readonly version: 0 | 1 | 2;
  readonly digest: string;
  readonly sha256: string;
}

export function goldenNames(): string[] {
  return list('').flatMap(file => /^(.*)\.dump(\.gz)?$/.exec(file)?.[1] ?? []);
}

export function goldenImage(name: string): GoldenImage {
  const args = existsSync(new URL(`${name}.args`, DIRECTORY)) ? read(`${name}.args`).toString() : '';
  return {
    name,
    version: args === '' ? 'auto' : args.includes('--min-version=0') ? 0 : 1,
    dump: read(`${name}.dump`),
    digest: read(`${name}.digest`).toString().trim(),
    sha256: read(`${name}.sha256`).toString().slice(0, 64),
    redump: read(`${name}.redump`),
  };
}

/** Dumps that must be refused. */
export function refusedDumps(): { readonly name: string; readonly dump: Buffer }[] {
  return list('fail/').map(name => ({ name, dump: read(`fail/${name}`) }));
}

export function goldenRustImages(): GoldenRustImage[] {
  return JSON.parse(read('rs/expected.json').toString()) as GoldenRustImage[];
}

export function rustDump(name: string): Buffer {
  return read(`rs/${name}`);
}

function list(folder: string): string[] {
  return readdirSync(new URL(`./${folder}`, DIRECTORY)).sort();
}

function read(name: string): Buffer {
  const path = new URL(name, DIRECTORY);
  if (name.endsWith('.gz')) return gunzipSync(readFileSync(path));
  return existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(new URL(`${name}.gz`, DIRECTORY)));
}

/**
 * What composefs-info printed, corrected where ours shows that it appended bytes to a payload: it reads too far when
 * the payload's length is 3 mod 4.
 */
export function withoutReadOverrun(theirs: string, ours: string): string {
  const actual = ours.split('\n');
  return theirs
    .split('\n')
    .map((line, i) => {
      const fields = line.split(' ');
      const payload = actual[i]?.split(' ')[8] ?? '';
      const overrun = fields[8]?.startsWith(payload) && decodedLength(payload) % 4 === 3;
      if (overrun) fields[8] = payload;
      return fields.join(' ');
    })
    .join('\n');
}

function decodedLength(text: string): number {
  return text.replace(/\\x..|\\./g, '_').length;
}
