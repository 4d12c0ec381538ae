import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../../errors/index.ts';
import type { PolicyEdit } from './edit-policies.ts';
import { editSpec, packageKey } from './index.ts';

const TOP = '# top\nbase-image: apt://trixie # stable\n';

function failure(text: string, edit: PolicyEdit): AptLayerError {
  try {
    editSpec(text, 's.yaml', [edit]);
  } catch (error) {
    if (error instanceof AptLayerError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const override = (name: string, version: string): PolicyEdit => ({
  kind: 'set-override',
  package: name,
  choice: { kind: 'version', version },
});
const debs = (name: string, ...paths: string[]): PolicyEdit => ({
  kind: 'set-override',
  package: name,
  choice: { kind: 'with', debs: paths.map(path => ({ kind: 'file', path })) },
});
const unoverride = (...packages: string[]): PolicyEdit => ({ kind: 'remove-overrides', packages });
const holds = (add: string[], remove: string[] = []): PolicyEdit => ({ kind: 'set-holds', add, remove });
const scripts = (mode: 'strict' | 'warn' | 'skip', name?: string): PolicyEdit => ({
  kind: 'set-script-mode',
  mode,
  ...(name === undefined ? {} : { package: name }),
});
const metadata = (preservePermissions: boolean, name?: string): PolicyEdit => ({
  kind: 'set-metadata',
  preservePermissions,
  conflictResolution: 'keep-base',
  ...(name === undefined ? {} : { package: name }),
});
const multiArch = (architecture: string, role: 'same' | 'foreign', native = false): PolicyEdit => ({
  kind: 'set-multi-arch',
  package: 'libc6',
  architecture,
  role,
  native,
});
const kernelArguments = (to: string[], from: string[] = []): PolicyEdit => ({
  kind: 'change-kernel-arguments',
  set: { from, to },
});
const removals = (add: string[], undo: string[] = []): PolicyEdit => ({ kind: 'change-removals', add, undo });
const reset = (layers: boolean, overrides: boolean): PolicyEdit => ({ kind: 'reset', layers, overrides });

/** A list with comments in it, and what is around it. */
const around = (text: string): string => `${TOP}\n# before\n${text}\n# after\nname: x # name\n`;

describe('a key that is new goes to the end, and the rest stays as it is', () => {
  it.each<[string, PolicyEdit, string]>([
    ['an override', override('a1', '2:1'), 'overrides:\n  - package: a1\n    version: 2:1\n'],
    [
      'an override by one file',
      debs('a1', '/x y/a.deb'),
      'overrides:\n  - package: a1\n    with: /x y/a.deb\n',
    ],
    [
      'an override by files',
      debs('a1', '/a.deb', '/b.deb'),
      'overrides:\n  - package: a1\n    with:\n      - /a.deb\n      - /b.deb\n',
    ],
    [
      'a removal',
      { kind: 'set-override', package: 'a1', choice: { kind: 'remove' } },
      'overrides:\n  - package: a1\n    remove: true\n',
    ],
    ['holds', holds(['b1', 'a1:i386', 'b1']), 'holds:\n  - b1\n  - a1:i386\n'],
    [
      'metadata of all',
      metadata(false),
      'metadata:\n  preserve-permissions: false\n  conflict-resolution: keep-base\n',
    ],
    ['scripts of all', scripts('strict'), 'maintainer-scripts:\n  validation-mode: strict\n'],
    [
      'metadata of one package',
      metadata(true, 'a1:i386'),
      'layers:\n  - package: a1:i386\n    metadata:\n      preserve-permissions: true\n      conflict-resolution: keep-base\n',
    ],
    [
      'scripts of one package',
      scripts('warn', 'a1'),
      'layers:\n  - package: a1\n    maintainer-scripts: warn\n',
    ],
    [
      'a foreign architecture',
      multiArch('i386', 'foreign'),
      'multi-arch:\n  enabled: true\n  architectures:\n    - i386\n  packages:\n    - package: libc6\n      architecture: i386\n      type: foreign\n',
    ],
    [
      'the native architecture, which is not listed',
      multiArch('amd64', 'same', true),
      'multi-arch:\n  enabled: true\n  packages:\n    - libc6:amd64\n',
    ],
    [
      'kernel arguments',
      kernelArguments(['quiet', 'dyndbg="file a +p"']),
      'kernel-arguments:\n  - quiet\n  - dyndbg="file a +p"\n',
    ],
  ])('%s', (_name, edit, added) => {
    const text = `${TOP}name:   x # name\n\n# end\n`;
    const result = editSpec(text, 's.yaml', [edit]);
    expect(result.text).toBe(text + added);
    expect(editSpec(result.text, 's.yaml', [edit])).toMatchObject({ changed: false });
    expect(editSpec(text.replaceAll('\n', '\r\n'), 's.yaml', [edit]).text).toBe(
      (text + added).replaceAll('\n', '\r\n'),
    );
    expect(editSpec(text.trimEnd(), 's.yaml', [edit]).text).toBe(`${text.trimEnd()}\n${added}`);
  });
});

describe('a key that is there is written anew, and what is around it is kept', () => {
  it.each<[string, string, PolicyEdit, string]>([
    [
      'an override is replaced in its place',
      'overrides:\n  - package: a1\n    version: "1"\n  - {package: b1, suite: sid}\n',
      override('a1', '3'),
      'overrides:\n  - package: a1\n    version: "3"\n  - package: b1\n    suite: sid\n',
    ],
    [
      'another override comes last',
      'overrides: [{package: b1, suite: sid}]\n',
      override('a1', '3'),
      'overrides:\n  - package: b1\n    suite: sid\n  - package: a1\n    version: "3"\n',
    ],
    [
      'one override is removed',
      'overrides: [{package: b1, suite: sid}, {package: a1, suite: sid}]\n',
      unoverride('b1'),
      'overrides:\n  - package: a1\n    suite: sid\n',
    ],
    ['holds come and go', 'holds: [a1, b1]\n', holds(['c1', 'b1'], ['a1']), 'holds:\n  - b1\n  - c1\n'],
    [
      'what is said about scripts besides stays',
      'maintainer-scripts: {forbidden-actions: [systemctl]}\n',
      scripts('skip'),
      'maintainer-scripts:\n  validation-mode: skip\n  forbidden-actions:\n    - systemctl\n',
    ],
    [
      'a policy keeps the request and the other policies',
      'layers: [b1, {package: a1=2, metadata: {preserve-permissions: false}}, c1]\n',
      scripts('strict', 'a1'),
      'layers:\n  - b1\n  - package: a1=2\n    metadata:\n      preserve-permissions: false\n    maintainer-scripts: strict\n  - c1\n',
    ],
    [
      'a policy of a file',
      'layers: [./a.deb, b1]\n',
      scripts('strict', './a.deb'),
      'layers:\n  - package: ./a.deb\n    maintainer-scripts: strict\n  - b1\n',
    ],
    [
      'a part of a package is replaced in its place',
      'multi-arch: {enabled: false, architectures: [i386], packages: ["libc6:i386", a1]}\n',
      multiArch('i386', 'foreign'),
      'multi-arch:\n  enabled: true\n  architectures:\n    - i386\n  packages:\n    - package: libc6\n      architecture: i386\n      type: foreign\n    - a1\n',
    ],
    [
      'kernel arguments are those alone',
      'kernel-arguments: [quiet, debug]\n',
      kernelArguments(['debug'], ['quiet', 'debug']),
      'kernel-arguments:\n  - debug\n',
    ],
  ])('%s', (_name, before, edit, after) => {
    const result = editSpec(around(before), 's.yaml', [edit]);
    expect(result.text).toBe(around(after));
    expect(result.changed).toBe(true);
  });

  it.each<[string, PolicyEdit]>([
    ['overrides: [{package: a1, suite: sid}]\n', unoverride('a1')],
    ['overrides: [{package: a1, suite: sid}]\n', { kind: 'remove-overrides' }],
    ['holds: [a1]\n', holds([], ['a1'])],
    ['kernel-arguments: [quiet]\n', kernelArguments([], ['quiet'])],
    ['maintainer-scripts: {validation-mode: strict}\n', scripts('warn')],
  ])('%s goes when nothing is left of it: %j', (before, edit) => {
    const { text } = editSpec(`${TOP}${before}# after\nname: x # name\n`, 's.yaml', [edit]);
    expect(text).toBe(`${TOP}# after\nname: x # name\n`);
  });
});

describe('reset', () => {
  const all = `${TOP}layers: [{package: a1, maintainer-scripts: skip}]
multi-arch: {architectures: [i386]}
overrides: [{package: b1, suite: sid}]
remove: [c1]
holds: [d1]
kernel-arguments: [quiet]
`;
  it.each<[boolean, boolean, string]>([
    [true, false, 'overrides: [ { package: b1, suite: sid } ]\nremove: [ c1 ]\nholds: [ d1 ]\n'],
    [
      false,
      true,
      'layers: [ { package: a1, maintainer-scripts: skip } ]\nmulti-arch: { architectures: [ i386 ] }\n',
    ],
    [true, true, ''],
  ])('layers %s, overrides %s', (layers, overrides, left) => {
    const { text, changes } = editSpec(all, 's.yaml', [reset(layers, overrides)]);
    expect(text).toBe(`${TOP}${left}kernel-arguments: [ quiet ]\n`);
    expect(changes.map(({ item }) => item)).toEqual([
      ...(layers ? ['layers', 'multi-arch'] : []),
      ...(overrides ? ['overrides', 'remove', 'holds'] : []),
    ]);
  });

  it('changes nothing where there is nothing', () => {
    expect(editSpec(TOP, 's.yaml', [reset(true, true)])).toMatchObject({ text: TOP, changed: false });
  });
});

describe('what an edit reports', () => {
  it.each<[string, PolicyEdit, 'present' | 'replaced', readonly string[]]>([
    ['overrides: [{package: a1, version: "1"}]', override('a1', '1'), 'present', ['a1']],
    [
      'overrides: [{package: b1, version: "1"}, {package: a1, suite: s}]',
      override('b1', '1'),
      'present',
      ['b1'],
    ],
    ['overrides: [{package: a1, version: "1"}]', override('a1', '2'), 'replaced', ['a1']],
    ['holds: [a1]', holds(['a1']), 'present', ['a1']],
    ['name: x', metadata(true), 'replaced', ['metadata']],
    ['name: x', scripts('warn'), 'present', ['maintainer-scripts']],
    ['name: x', multiArch('i386', 'same'), 'replaced', ['libc6:i386']],
    [
      'multi-arch: {architectures: [i386], packages: ["libc6:i386", b1]}',
      multiArch('i386', 'same'),
      'present',
      ['libc6:i386'],
    ],
    ['layers: [{package: a1, maintainer-scripts: skip}]', scripts('skip', 'a1'), 'present', ['a1']],
    ['name: x', { kind: 'remove-overrides' }, 'present', []],
  ])('%s: %j', (line, edit, outcome, items) => {
    const { changes, changed } = editSpec(`${TOP}${line}\n`, 's.yaml', [edit]);
    expect(changes).toEqual(items.map(item => ({ outcome, item })));
    expect(changed).toBe(outcome === 'replaced');
  });

  it.each<[string, PolicyEdit, string, string, RegExp | undefined]>([
    [
      'overrides: [{package: a1, suite: s}]',
      unoverride('b1', 'a1', 'c1'),
      'NOT_FOUND',
      'b1, c1 are not overridden',
      /^overridden are: a1$/,
    ],
    ['name: x', unoverride('a1'), 'NOT_FOUND', 'a1 is not overridden', /^nothing is overridden$/],
    ['holds: [a1, b1]', holds(['c1'], ['d1']), 'NOT_FOUND', 'd1 is not held', /^held are: a1, b1$/],
    [
      'holds: [a1]',
      holds(['A']),
      'SPEC_INVALID',
      's.yaml (changed):4:5: holds.1: "A" is not a package name',
      /lower-case/,
    ],
    [
      'layers: [a1]',
      { kind: 'set-override', package: 'a1', choice: { kind: 'remove' } },
      'SPEC_INVALID',
      's.yaml (changed):5:5: overrides.0: a1 is under `layers`, so it cannot go',
      undefined,
    ],
    [
      'kernel-arguments: [a]',
      kernelArguments(['a b'], ['a']),
      'SPEC_INVALID',
      's.yaml (changed):3:5: kernel-arguments.0: "a b" is not one kernel argument',
      /list each/,
    ],
    [
      'holds: &h [a1]\nremove: [b1]\nkernel-arguments: *h',
      holds(['c1']),
      'SPEC_INVALID',
      's.yaml: the change cannot be made without changing more than was asked',
      /by hand/,
    ],
  ])('%s: %j', (line, edit, code, message, hint) => {
    const error = failure(`${TOP}${line}\n`, edit);
    expect(error).toMatchObject({ code, message });
    if (hint === undefined) expect(error.hint).toBeUndefined();
    else expect(error.hint).toMatch(hint);
  });
});

it('resolves the paths of overrides and scripts where they stand', () => {
  const text = (at: string) => `${TOP}layers: [{package: ${at}x.deb, maintainer-scripts: skip}] # none
overrides:
  - {package: a1, with: ${at}a.deb} # one
  - package: b1
    with: [${at}b.deb] # a list of one
  - {package: c1, with: ["${at}c.deb", "https://h/d.deb#sha256=${'0'.repeat(64)}"]}
scripts:
  - {name: s, source: '${at}s', inputs: [${at}t]} # five
`;
  const edit = { kind: 'resolve-paths', baseDirectory: '/srv/a' } as const;
  expect(editSpec(text('./'), 's.yaml', [edit]).text).toBe(text('/srv/a/'));
});

describe('a package that has to go', () => {
  it.each<[string, string, PolicyEdit, object]>([
    ['of the base', '', removals(['aa', 'bb', 'aa']), { remove: ['aa', 'bb'] }],
    [
      'that is layered',
      'layers: [aa, "bb:i386", cc]\n',
      removals(['aa', 'bb']),
      { layers: ['cc'], remove: ['bb'] },
    ],
    ['that is held', 'holds: [aa, bb]\n', removals(['aa']), { holds: ['bb'], remove: ['aa'] }],
    ['and comes again', 'remove: [aa, bb]\n', removals([], ['aa=1', './cc.deb']), { remove: ['bb'] }],
    ['for another', 'remove: [aa]\n', removals(['bb'], ['aa']), { remove: ['bb'] }],
  ])('%s', (_, before, edit, after) => {
    const { spec } = editSpec(`base-image: apt://trixie\n${before}`, 's.yaml', [edit]);
    const { remove, holds } = spec;
    expect({ remove, holds, layers: spec.layers.map(packageKey) }).toEqual({
      ...{ remove: [], holds: [], layers: [] },
      ...after,
    });
  });

  it('already is no change', () => {
    const text = 'base-image: apt://trixie\nremove: [aa] # why\n';
    expect(editSpec(text, 's.yaml', [removals(['aa'], ['cc'])])).toMatchObject({ text, changed: false });
  });

  it('has a name', () => {
    expect(failure('base-image: apt://trixie\n', removals(['a*']))).toMatchObject({ code: 'USAGE' });
  });
});
