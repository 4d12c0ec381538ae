import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { specJsonSchema } from './index.ts';

const accepts = (value: unknown): boolean =>
  z.fromJSONSchema(specJsonSchema() as never).safeParse(value).success;

describe('specJsonSchema', () => {
  it('accepts the example', () => {
    const example = new URL('../../../examples/debian-13.yaml', import.meta.url);
    expect(accepts(parse(readFileSync(example, 'utf8')))).toBe(true);
  });

  it.each([
    [{}, false],
    [{ 'base-image': 'apt://x' }, true],
    [{ 'base-image': 1 }, false],
    [{ 'base-image': 'apt://x', layres: [] }, false],
    [{ 'base-image': 'apt://x', bootstrap: { variant: 'huge' } }, false],
    [{ 'base-image': 'apt://x', files: [{ path: '/a', content: '', mode: 420, owner: 'root' }] }, true],
  ])('%j: %s', (value, expected) => {
    expect(accepts(value)).toBe(expected);
  });

  it('is what the file for editors has (write it with `apt-layer compose schema > schema/apt-layer.schema.json`)', () => {
    const file = new URL('../../../schema/apt-layer.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(specJsonSchema());
  });

  it('is plain JSON that describes each key', () => {
    const schema = specJsonSchema() as { properties: Record<string, unknown> };
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(Object.keys(schema.properties)).toContain('base-image');
  });
});
