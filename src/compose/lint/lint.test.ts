import { describe, expect, it } from 'vitest';
import { parseSpec } from '../spec/index.ts';
import { lintSpec } from './lint.ts';

const BASE = 'base-image: apt://trixie\n';
const rules = (text: string, hasLock = true) =>
  lintSpec(parseSpec(BASE + text, 's.yaml'), { hasLock }).map(({ rule, path }) => [rule, path]);

describe('lintSpec', () => {
  it('finds nothing in a plain spec with a lock', () => {
    expect(rules('layers: [vim]')).toEqual([]);
    expect(rules('', false)).toEqual([['no-lock', '']]);
  });

  it.each([
    ['files: [{path: /etc/a, content: x}, {path: /var/lib/a, content: x}]', 'file-in-var', 'files.1.path'],
    ['files: [{path: /etc/a, content: x, mode: 4755}]', 'file-mode', 'files.0.mode'],
    [
      'maintainer-scripts: {validation-mode: skip}',
      'scripts-unchecked',
      'maintainer-scripts.validation-mode',
    ],
    ['layers: [{package: vim, maintainer-scripts: skip}]', 'scripts-unchecked', 'layers (vim)'],
    ['debconf: [a a/b password x]', 'password', 'debconf.0'],
    ['layers: [vim=1]\nholds: [vim]', 'held-version', 'holds.0'],
    ['layers: [./a.deb]', 'local-file', 'layers.0'],
  ])('%s: %s', (text, rule, path) => expect(rules(text)).toEqual([[rule, path]]));
});
