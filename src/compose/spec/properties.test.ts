import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  editSpec,
  inputFiles,
  parseSpec,
  renderSpec,
  resolvePaths,
  type Spec,
  specDigestInput,
} from './index.ts';
import { packageKey, parsePackageRequest } from './package-request.ts';

const packageName = fc.stringMatching(/^[a-z0-9][a-z0-9+.]{1,8}$/).filter(name => !name.endsWith('.deb'));
const hostPath = fc.stringMatching(/^[a-zA-Z0-9 .:#_'"@-]{1,10}$/).filter(path => !/^\.*$/.test(path));
const request = fc.oneof(
  packageName,
  packageName.map(name => `${name}:i386`),
  packageName.map(name => `${name}=1:2.0~rc1-1`),
  packageName.map(name => `${name}/trixie-backports`),
  hostPath.map(path => `./${path}x.deb`),
);
const unique = <T>(item: fc.Arbitrary<T>, key: (value: T) => string) =>
  fc.uniqueArray(item, { selector: key, maxLength: 5 });
const requestKey = (text: string): string => packageKey(parsePackageRequest(text));

const ownership = fc.record(
  {
    mode: fc.integer({ min: 0, max: 0o7777 }).map(mode => mode.toString(8).padStart(4, '0')),
    owner: fc.oneof(fc.constant('www-data'), fc.integer({ min: 0, max: 70_000 })),
    group: fc.constant('adm'),
  },
  { requiredKeys: [] },
);
const imagePath = fc.stringMatching(/^\/etc\/[a-zA-Z0-9 :#_'"-]{1,10}$/);
const content = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        'a',
        ' ',
        '\n',
        '\t',
        '#',
        ': ',
        '- ',
        '"',
        '\r',
        '\u2028',
        '\u0000',
        '%',
        '---',
        '...',
        '\ufeff',
      ),
      { maxLength: 12 },
    )
    .map(parts => parts.join('')),
);
const file = fc.oneof(
  fc.tuple(imagePath, ownership, content).map(([path, owned, text]) => ({ path, content: text, ...owned })),
  fc.tuple(imagePath, ownership, hostPath).map(([path, owned, source]) => ({ path, source, ...owned })),
  fc.tuple(imagePath, ownership).map(([path, owned]) => ({ path, directory: true, ...owned })),
  fc.tuple(imagePath, hostPath).map(([path, link]) => ({ path, link })),
);
const repository = fc
  .tuple(fc.stringMatching(/^[a-z]{1,6}$/), hostPath, fc.boolean())
  .map(([name, key, flat]) => ({
    name,
    uris: ['https://example.org/debian'],
    ...(flat ? { suites: ['./'] } : { suites: ['trixie', 'x/updates'], components: ['main'] }),
    'signed-by': key,
  }));

/** Input of a spec as JSON, which is YAML. */
const specInput = fc.record(
  {
    'base-image': fc.constantFrom('apt://trixie', 'local://debian/13'),
    name: fc.constantFrom('web', '2048', 'null', '0x10'),
    version: fc.constantFrom('1.10', '2', '1e3', 'v1'),
    bootstrap: fc.record(
      {
        mirror: fc.constant('http://deb.example.org/debian'),
        variant: fc.constantFrom('minbase', 'standard'),
        keyring: hostPath,
      },
      { requiredKeys: [] },
    ),
    layers: unique(request, requestKey),
    files: unique(file, entry => entry.path),
    services: fc.record(
      { enable: fc.constant(['ssh', 'a.timer']), mask: fc.constant(['b']) },
      { requiredKeys: [] },
    ),
    repositories: unique(repository, entry => entry.name),
    remove: fc.constant(['zzz-removed']),
  },
  { requiredKeys: ['base-image'] },
);
const spec = specInput.map(input => parseSpec(JSON.stringify(input), 's.yaml'));

describe('renderSpec', () => {
  it('is read back as the same spec', () => {
    fc.assert(
      fc.property(spec, value => {
        expect(parseSpec(renderSpec(value), 's.yaml')).toEqual(value);
      }),
      { numRuns: 150 },
    );
  });

  it('is readable', () => {
    const text = `{base-image: apt://trixie, layers: [vim], version: "1.10", files: [{path: /etc/a, content: "a:\\n  b\\n", mode: 0600}]}`;
    expect(renderSpec(parseSpec(text, 's.yaml'))).toBe(
      [
        'version: "1.10"',
        'base-image: apt://trixie',
        'layers:',
        '  - vim',
        'files:',
        '  - path: /etc/a',
        '    content: |',
        '      a:',
        '        b',
        '    mode: "0600"',
        '',
      ].join('\n'),
    );
  });
});

describe('editSpec', () => {
  it('adds and removes to an equivalent spec', () => {
    fc.assert(
      fc.property(specInput, fc.boolean(), unique(request, requestKey), (input, flow, requests) => {
        const text = flow ? JSON.stringify(input) : renderSpec(parseSpec(JSON.stringify(input), 's.yaml'));
        const added = editSpec(text, 's.yaml', [{ kind: 'add-layers', requests }]);
        const fresh = added.changes.filter(change => change.outcome === 'added').map(change => change.item);
        const back = editSpec(added.text, 's.yaml', [{ kind: 'remove-layers', requests: fresh }]);
        const replaced = added.changes.some(change => change.outcome === 'replaced');
        if (!replaced) expect(back.spec).toEqual(parseSpec(text, 's.yaml'));
        expect(back.spec).toEqual(parseSpec(back.text, 's.yaml'));
      }),
      { numRuns: 60 },
    );
  });

  it('resolves paths as resolvePaths does', () => {
    fc.assert(
      fc.property(specInput, fc.boolean(), (input, flow) => {
        const before = parseSpec(JSON.stringify(input), 's.yaml');
        const text = flow ? JSON.stringify(input) : renderSpec(before);
        const { spec: after } = editSpec(text, 's.yaml', [
          { kind: 'resolve-paths', baseDirectory: '/srv/a' },
        ]);
        expect(after).toEqual(resolvePaths(before, '/srv/a'));
        expect(inputFiles(after).every(path => path.startsWith('/srv/a/'))).toBe(true);
      }),
    );
  });
});

describe('specDigestInput', () => {
  const digestOf = (path: string): string => `of ${path}`;
  const key = (value: Spec): string => JSON.stringify(specDigestInput(value, digestOf));

  it('does not depend on order where order means nothing, nor on names', () => {
    fc.assert(
      fc.property(spec, value => {
        const { name: _name, version: _version, ...rest } = value;
        const shuffled: Spec = {
          ...rest,
          layers: value.layers.toReversed(),
          files: value.files.toReversed(),
          services: { ...value.services, enable: value.services.enable.toReversed() },
        };
        expect(key(shuffled)).toBe(key(value));
        expect(key(parseSpec(renderSpec(value), 's.yaml'))).toBe(key(value));
      }),
    );
  });

  const base = 'base-image: apt://trixie\n';
  it.each([
    ['base-image: apt://forky\n'],
    [`${base}bootstrap: {variant: standard}`],
    [`${base}layers: [vim]`],
    [`${base}layers: [./a.deb]`],
    [`${base}remove: [vim]`],
    [`${base}files: [{path: /etc/a, content: x}]`],
    [`${base}files: [{path: /etc/a, content: x, mode: 0600}]`],
    [`${base}files: [{path: /etc/a, source: x}]`],
    [`${base}services: {enable: [a]}`],
    [`${base}services: {mask: [a]}`],
    [`${base}repositories: [{name: r, uris: [http://x], suites: [s], components: [c], signed-by: k}]`],
  ])('depends on %j', text => {
    expect(key(parseSpec(text, 's.yaml'))).not.toBe(key(parseSpec(base, 's.yaml')));
  });

  it('takes the content of files, not their paths', () => {
    const a = parseSpec(`${base}files: [{path: /etc/a, source: /x/a}]\nlayers: [/x/b.deb]`, 's.yaml');
    const b = parseSpec(`${base}files: [{path: /etc/a, source: /y/a}]\nlayers: [/y/b.deb]`, 's.yaml');
    const input = (value: Spec, digest: string) => JSON.stringify(specDigestInput(value, () => digest));
    expect(input(a, '1')).toBe(input(b, '1'));
    expect(input(a, '1')).not.toBe(input(a, '2'));
  });
});
