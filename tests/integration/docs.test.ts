import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands, verbOf } from '../../src/commands/index.ts';
import { parseSpec, specJsonSchema } from '../../src/compose/spec/index.ts';
import { CHECKOUT } from '../support/places.ts';

const read = (name: string) => fs.readFileSync(path.join(CHECKOUT, name), 'utf8');
const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...fs
    .readdirSync(path.join(CHECKOUT, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
];

describe('the documentation', () => {
  it('has every verb in the guide', () => {
    const guide = read('docs/guide.md').replaceAll(/\s+/g, ' ');
    const missing = commands
      .filter(({ hidden }) => !hidden)
      .map(verbOf)
      .filter(verb => !guide.includes(verb));
    expect(missing).toEqual([]);
  });

  it('has every key of a spec', () => {
    const spec = read('docs/spec.md');
    const { properties } = specJsonSchema() as { properties: Record<string, unknown> };
    expect(Object.keys(properties).filter(key => !spec.includes(`\`${key}\``))).toEqual([]);
  });

  it('has examples of specs that are valid', () => {
    const examples = [...read('docs/spec.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
      match => match[1] ?? '',
    );
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) parseSpec(example, 'docs/spec.md');
  });

  it.each(pages)('%s links to what is there', page => {
    const broken = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)]
      .map(match => match[1] ?? '')
      .filter(target => !fs.existsSync(path.join(CHECKOUT, path.dirname(page), target)));
    expect(broken).toEqual([]);
  });
});
