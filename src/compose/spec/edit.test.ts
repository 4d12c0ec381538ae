import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../../errors/index.ts';
import { editSpec, renderPackageRequest, type SpecEdit } from './index.ts';

const BASE = 'base-image: apt://trixie\n';
const add = (...requests: string[]): SpecEdit => ({ kind: 'add-layers', requests });
const remove = (...requests: string[]): SpecEdit => ({ kind: 'remove-layers', requests });
const rebase = (base: string): SpecEdit => ({ kind: 'set-base-image', base });

function failure(text: string, edit: SpecEdit): AptLayerError {
  try {
    editSpec(text, 's.yaml', [edit]);
  } catch (error) {
    if (error instanceof AptLayerError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the text after an edit', () => {
  it.each<[string, string, SpecEdit, string]>([
    [
      'no list',
      `# top\n${BASE}# end\n`,
      add('vim', 'nano'),
      `# top\n${BASE}# end\nlayers:\n  - vim\n  - nano\n`,
    ],
    ['no line feed at the end', 'base-image: apt://x', add('vim'), 'base-image: apt://x\nlayers:\n  - vim\n'],
    [
      'block',
      `layers:\n  - a1 # one\n  # between\n  - b1   # two\n\n# next\n${BASE}`,
      add('c1'),
      `layers:\n  - a1 # one\n  # between\n  - b1   # two\n  - c1\n\n# next\n${BASE}`,
    ],
    ['block without indent', `layers:\n-   a1\n${BASE}`, add('b1'), `layers:\n-   a1\n-   b1\n${BASE}`],
    [
      'block at the end without line feed',
      `${BASE}layers:\n  - a1`,
      add('b1'),
      `${BASE}layers:\n  - a1\n  - b1\n`,
    ],
    [
      'flow',
      `layers: [a1,  'b1'] # why\n${BASE}`,
      add('c1', 'd1'),
      `layers: [a1,  'b1', c1, d1] # why\n${BASE}`,
    ],
    ['empty flow', `layers: [] # none\n${BASE}`, add('a1', 'b1'), `layers: [a1, b1] # none\n${BASE}`],
    ['flow with trailing comma', `layers: [a1, b1,]\n${BASE}`, add('c1'), `layers: [a1, b1, c1,]\n${BASE}`],
    [
      'flow on lines',
      `layers: [\n  a1, # one\n  b1 # two\n]\n${BASE}`,
      add('c1', 'd1'),
      `layers: [\n  a1, # one\n  b1, # two\n  c1,\n  d1\n]\n${BASE}`,
    ],
    [
      'flow on lines, trailing comma',
      `layers: [\n  a1,\n  b1,\n]\n${BASE}`,
      add('c1'),
      `layers: [\n  a1,\n  b1,\n  c1,\n]\n${BASE}`,
    ],
    [
      'CRLF',
      'base-image: apt://x\r\nlayers:\r\n  - a1\r\n',
      add('b1'),
      'base-image: apt://x\r\nlayers:\r\n  - a1\r\n  - b1\r\n',
    ],
    [
      'a name that is a number',
      `${BASE}layers: [a1]\n`,
      add('2048', './a b,c.deb'),
      `${BASE}layers: [a1, "2048", "./a b,c.deb"]\n`,
    ],
    [
      'a pin takes the place',
      `${BASE}layers:\n  - "a1"  # why\n`,
      add('a1=2:1'),
      `${BASE}layers:\n  - "a1=2:1"  # why\n`,
    ],
    [
      'removed from a block',
      `layers:\n  - a1\n  # two\n  - b1 # gone\n  - c1\n${BASE}`,
      remove('b1'),
      `layers:\n  - a1\n  # two\n  - c1\n${BASE}`,
    ],
    ['the last of a block', `layers: # mine\n  - a1\n${BASE}`, remove('a1'), `layers: [] # mine\n${BASE}`],
    ['all of a block', `layers:\n  - a1\n  - b1\n${BASE}`, remove('a1', 'b1'), `layers: []\n${BASE}`],
    ['removed from a flow', `layers: [a1, b1, c1]\n${BASE}`, remove('a1', 'c1'), `layers: [b1]\n${BASE}`],
    ['the last of a flow', `layers: [a1]\n${BASE}`, remove('a1'), `layers: []\n${BASE}`],
    [
      'removed by name however pinned',
      `${BASE}layers: [a1=1, b1:i386, /x/c1_1_amd64.deb]\n`,
      remove('a1', 'b1', 'c1'),
      `${BASE}layers: []\n`,
    ],
    [
      'rebased',
      `base-image: "apt://trixie" # stable\nlayers: [a1]\n`,
      rebase('local://debian/13'),
      `base-image: "local://debian/13" # stable\nlayers: [a1]\n`,
    ],
    [
      'rebased in single quotes',
      `base-image: 'apt://trixie'\n`,
      rebase('apt://forky'),
      `base-image: 'apt://forky'\n`,
    ],
    [
      'rebased in a block scalar',
      `# top\nbase-image: |-\n  apt://trixie\nname: x\n`,
      rebase('apt://forky'),
      `# top\nbase-image: apt://forky\nname: x\n`,
    ],
    [
      'all in one flow map',
      '{base-image: apt://x, name: y} # c\n',
      add('a1'),
      '{ base-image: apt://x, name: y, layers: [ a1 ] } # c\n',
    ],
    ['a document end', `---\n${BASE}...\n`, add('a1'), `---\n${BASE}layers:\n  - a1\n...\n`],
    [
      'paths',
      `${BASE}layers: ["./a.deb"] # c\nfiles:\n  - {path: /etc/x, source: x}\n`,
      { kind: 'resolve-paths', baseDirectory: '/srv' },
      `${BASE}layers: ["/srv/a.deb"] # c\nfiles:\n  - {path: /etc/x, source: /srv/x}\n`,
    ],
  ])('%s', (_name, text, edit, expected) => {
    const result = editSpec(text, 's.yaml', [edit]);
    expect(result.text).toBe(expected);
    expect(result.changed).toBe(true);
  });
});

describe('what an edit reports', () => {
  it('tells added, present, replaced and removed apart', () => {
    const text = `${BASE}layers: [vim=1, less, nano]\n`;
    const edits = [add('vim', 'less', 'curl', 'nano/sid'), remove('less'), rebase('apt://trixie')];
    const { changes } = editSpec(text, 's.yaml', edits);
    expect(changes).toEqual([
      { outcome: 'present', item: 'vim=1' },
      { outcome: 'present', item: 'less' },
      { outcome: 'added', item: 'curl' },
      { outcome: 'replaced', item: 'nano/sid', previous: 'nano' },
      { outcome: 'removed', item: 'less' },
      { outcome: 'present', item: 'apt://trixie' },
    ]);
  });

  it('leaves the text as it is when nothing changes', () => {
    const text = `\n${BASE}layers:   [  vim ]   # x`;
    expect(editSpec(text, 's.yaml', [add('vim')])).toMatchObject({ text, changed: false });
    expect(editSpec(text, 's.yaml', [])).toMatchObject({ text, changed: false, changes: [] });
  });

  it.each<[string, SpecEdit, string, string, RegExp]>([
    [
      'layers: [vim, less]',
      remove('vmi'),
      'NOT_FOUND',
      'vmi is not requested',
      /did you mean `vim`\? \(requested are: vim, less\)/,
    ],
    [
      'layers: [vim]',
      remove('nano', 'ed', 'vim'),
      'NOT_FOUND',
      'nano, ed are not requested',
      /requested are: vim/,
    ],
    ['name: x', remove('vim'), 'NOT_FOUND', 'vim is not requested', /nothing is requested/],
    ['layers: [vim=1]', remove('vim=2'), 'NOT_FOUND', 'vim=2 is not requested', /vim=1/],
    [
      'layers: ["libc6:i386", "libc6:amd64"]',
      remove('libc6'),
      'USAGE',
      'libc6 is requested more than once',
      /say which: libc6:i386, libc6:amd64/,
    ],
    ['name: x', add('Vim'), 'USAGE', 'package request: "Vim" is not a package name', /lower-case/],
    ['name: x', rebase('trixie'), 'USAGE', 'base image: "trixie" is not a base image', /write apt/],
    ['name: x', rebase('oci://ubuntu:24.04@md5:1'), 'USAGE', 'base image: "md5:1" is not a digest', /sha256/],
    ['layres: []', add('vim'), 'SPEC_INVALID', 's.yaml:2:1: layres: there is no such key', /layers/],
  ])('%s: %j', (line, edit, code, message, hint) => {
    const error = failure(`${BASE}${line}\n`, edit);
    expect(error).toMatchObject({ code, message });
    expect(error.hint).toMatch(hint);
  });

  it('refuses what contradicts the rest of the spec', () => {
    const error = failure(`${BASE}remove: [vim]\n`, add('vim'));
    expect(error.code).toBe('SPEC_INVALID');
    expect(error.message).toMatch(/layers\.0: vim is under `remove` as well/);
  });

  it('refuses what anchors would carry elsewhere', () => {
    const error = failure(`${BASE}layers: &l [vim]\nservices: {enable: *l}\n`, add('less'));
    expect(error).toMatchObject({ code: 'SPEC_INVALID', hint: expect.stringMatching(/by hand/) });
  });
});

it('adds what is asked for twice only once', () => {
  const { spec, changes } = editSpec(BASE, 's.yaml', [add('a1', 'b1', 'a1', 'c1', 'b1=2')]);
  expect(spec.layers.map(renderPackageRequest)).toEqual(['a1', 'b1=2', 'c1']);
  expect(changes.map(({ outcome, item }) => `${outcome} ${item}`)).toEqual([
    'added a1',
    'added b1',
    'present a1',
    'added c1',
    'replaced b1=2',
  ]);
});
