import { describe, expect, it } from 'vitest';
import { editSpec, loadSpec, parseSpec, renderSpec } from './index.ts';

const parsed = (base: string) => parseSpec(`base-image: ${base}\n`, 's.yaml').baseImage;
const built = (containerfile: string, context: string, buildArguments = {}) => ({
  ...{ kind: 'containerfile', containerfile, context, buildArguments },
});

describe('a base that is a Containerfile', () => {
  it.each<[string, object]>([
    ['{containerfile: ./Containerfile, context: .}', built('./Containerfile', '.')],
    ['{containerfile: a/C}', built('a/C', 'a')],
    ['containerfile:a/C', built('a/C', 'a')],
    ['{containerfile: /a/C, build-args: {B: "2", A: "1"}}', built('/a/C', '/a', { A: '1', B: '2' })],
  ])('%s', (text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  it.each([
    ['{context: .}', 's.yaml:1:1: base-image.containerfile: this key is missing'],
    ['{containerfile: C, target: x}', 's.yaml:1:32: base-image.target: there is no such key'],
    [
      '{containerfile: C, build-args: {a-b: x}}',
      's.yaml:1:45: base-image.build-args.a-b: "a-b" cannot name a build argument',
    ],
    [
      '{containerfile: C, build-args: {A: 13}}',
      's.yaml:1:48: base-image.build-args.A: this must be text, not the number 13',
    ],
    ['{containerfile: ""}', 's.yaml:1:29: base-image.containerfile: a path cannot be empty'],
    ['"containerfile:"', 's.yaml:1:13: base-image: a path cannot be empty'],
    ['[apt://x]', 's.yaml:1:13: base-image: this must be text or a map of keys, not a list'],
  ])('%s is refused', (text, message) => {
    expect(() => parsed(text)).toThrow(message);
  });

  it('has paths relative to the file that names it, and takes the place of an included one whole', () => {
    const files: Record<string, string> = {
      '/srv/a.yaml': 'base-image: {containerfile: C, context: .., build-args: {A: x}}\nname: a\n',
      '/opt/b.yaml': 'include: [/srv/a.yaml]\n',
      '/opt/c.yaml': 'include: [/srv/a.yaml]\nbase-image: {containerfile: d/C}\n',
    };
    const load = (path: string) => loadSpec(file => Buffer.from(files[file] ?? ''), path).baseImage;
    expect(load('/opt/b.yaml')).toEqual(built('/srv/C', '/', { A: 'x' }));
    expect(load('/opt/c.yaml')).toEqual(built('/opt/d/C', '/opt/d'));
  });

  it('is put into a spec and taken out of it, with the comments around it', () => {
    const text = '# top\nname: x # name\nbase-image: apt://trixie # stable\n';
    const edits = [
      { kind: 'set-base-image', base: 'containerfile:./C' },
      { kind: 'resolve-paths', baseDirectory: '/srv' },
    ] as const;
    const there = editSpec(text, 's.yaml', edits);
    expect(there.text).toBe('# top\nname: x # name\nbase-image: containerfile:/srv/C # stable\n');
    expect(there.spec.baseImage).toEqual(built('/srv/C', '/srv'));
    const map = '# top\nname: x\nbase-image: # built\n  containerfile: C # here\n  context: ..\n';
    expect(editSpec(map, 's.yaml', edits.slice(1)).text).toBe(
      '# top\nname: x\nbase-image: # built\n  containerfile: /srv/C # here\n  context: /\n',
    );
    const away = editSpec(map, 's.yaml', [{ kind: 'set-base-image', base: 'apt://trixie' }]);
    expect(away.text).toBe('# top\nname: x\nbase-image: apt://trixie\n');
    // The same file with another context is another base.
    const other = editSpec(map, 's.yaml', [{ kind: 'set-base-image', base: 'containerfile:C' }]);
    expect(other.changes).toMatchObject([{ outcome: 'replaced' }]);
  });

  it('is written without what goes without saying', () => {
    const spec = parseSpec('base-image: {context: a, containerfile: a/C, build-args: {}}', 's.yaml');
    expect(renderSpec(spec)).toBe('base-image:\n  containerfile: a/C\n');
  });
});
