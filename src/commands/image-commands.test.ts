import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApp, DEFAULT_GLOBALS, type GlobalOptions, readEnvironment } from '../app/index.ts';
import { silentReporter } from '../report/index.ts';
import { imageCommands } from './definitions/image.ts';
import { type AnyCommand, type ArgValues, createArgs, plainStyle, verbOf } from './index.ts';

const golden = (name: string) => new URL(`../../tests/golden/composefs/${name}`, import.meta.url);
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'image-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function run(verb: string, values: ArgValues, globals: Partial<GlobalOptions> = {}) {
  const definition = imageCommands.find(candidate => verbOf(candidate) === verb);
  if (definition === undefined) throw new Error(verb);
  const app = createApp({
    globals: { ...DEFAULT_GLOBALS, ...globals },
    argv: [],
    report: silentReporter,
    signal: new AbortController().signal,
    environment: readEnvironment({}),
  });
  const { command }: { command: AnyCommand } = await definition.load();
  const result: unknown = await command.run(app, createArgs(definition, values));
  return { text: command.render(result, plainStyle), json: command.toJson?.(result) ?? result };
}
const write = (operands: string[], options: Record<string, string[]>, globals: Partial<GlobalOptions> = {}) =>
  run('image write', { arguments: { IMAGE: operands }, options }, globals);

describe('image write', () => {
  const dump = { 'from-dump': [golden('03-inline-sizes.dump').pathname] };
  const digest = readFileSync(golden('03-inline-sizes.digest'), 'utf8').trim().split(' ')[0];

  it('writes the image that mkcomposefs writes, and can be dumped and written again', async () => {
    const file = join(directory, 'image');
    const { text, json } = await write([file], { ...dump, 'print-digest': [] });
    expect(text).toBe(digest);
    expect(json).toEqual({
      path: file,
      digest,
      algorithm: 'sha256',
      sizeBytes: readFileSync(file).length,
      formatVersion: 0,
    });
    const dumped = await run('image dump', { arguments: { IMAGE: [file] } });
    expect(Buffer.from(dumped.text).equals(readFileSync(golden('03-inline-sizes.redump')))).toBe(true);
    expect((await run('image digest', { arguments: { FILE: [file] } })).text).toBe(digest);
  });

  it('only says the digest without IMAGE, and writes nothing in a dry run', async () => {
    expect((await write([], { ...dump, 'print-digest': [] })).text).toBe(digest);
    const file = join(directory, 'image');
    expect((await write([file], dump, { dryRun: true })).json).toMatchObject({ path: null, digest });
    expect(() => readFileSync(file)).toThrow('ENOENT');
    expect((await write([file], { ...dump, 'format-version': ['1'] })).json).toMatchObject({
      formatVersion: 1,
    });
  });

  it('puts the image on standard output alone', async () => {
    const { text } = await write(['-'], dump);
    const file = join(directory, 'image');
    await write([file], dump);
    expect(Buffer.from(text).equals(readFileSync(file))).toBe(true);
    await expect(write(['-'], { ...dump, 'print-digest': [] })).rejects.toThrow('cannot both go');
    await expect(write(['-'], dump, { json: true })).rejects.toThrow('cannot both go');
  });

  it('refuses what is missing or wrong', async () => {
    await expect(write([], dump)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(write(['x'], {})).rejects.toThrow('nothing to write');
    const bad = join(directory, 'bad');
    writeFileSync(bad, 'no dump');
    await expect(write([], { 'from-dump': [bad], 'print-digest': [] })).rejects.toMatchObject({
      code: 'FORMAT',
    });
    await expect(run('image dump', { arguments: { IMAGE: [bad] } })).rejects.toMatchObject({
      code: 'FORMAT',
    });
  });
});

it('image digest reads more than one piece', async () => {
  const file = join(directory, 'large');
  writeFileSync(file, Buffer.alloc(3_000_001, 'x'));
  const sha512 = await run('image digest', { arguments: { FILE: [file] }, options: { digest: ['sha512'] } });
  expect(sha512.json).toMatchObject({ algorithm: 'sha512', sizeBytes: 3_000_001 });
  expect(sha512.text).toMatch(/^[0-9a-f]{128}$/);
});
