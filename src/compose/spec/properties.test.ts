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

const IMAGE_KEY = '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n';
const packageName = fc.stringMatching(/^[a-z0-9][a-z0-9+.]{1,8}$/).filter(name => !name.endsWith('.deb'));
const hostPath = fc.stringMatching(/^[a-zA-Z0-9 .:#_'"@-]{1,10}$/).filter(path => !/^\.*$/.test(path));
const request = fc.oneof(
  packageName,
  packageName.map(name => `${name}:i386`),
  packageName.map(name => `${name}=1:2.0~rc1-1`),
  packageName.map(name => `${name}/trixie-backports`),
  hostPath.map(path => `./${path}x.deb`),
  packageName.map(name => `https://h.example.org/${name}.deb#sha256=${'0a'.repeat(32)}`),
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
  .tuple(fc.stringMatching(/^[a-z]{1,6}$/), hostPath, fc.boolean(), fc.boolean())
  .map(([name, key, flat, old]) => ({
    name,
    uris: ['https://example.org/debian'],
    ...(flat ? { suites: ['./'] } : { suites: ['trixie', 'x/updates'], components: ['main'] }),
    ...(old && { 'check-valid-until': false }),
    'signed-by': key,
  }));

const optional = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] });
const some = <T>(...items: T[]) => fc.subarray(items);
const metadata = optional({
  'preserve-permissions': fc.boolean(),
  'conflict-resolution': fc.constantFrom('keep-latest', 'keep-base', 'fail'),
});
const mode = fc.constantFrom('strict', 'warn', 'skip');
const layer = fc.oneof(
  request,
  fc
    .tuple(
      request.filter(text => !text.includes('.deb')),
      optional({ metadata, 'maintainer-scripts': mode }),
    )
    .map(([name, policies]) => ({ package: name, ...policies })),
);
const deb = fc.oneof(
  hostPath.map(path => `./${path}x.deb`),
  fc.constant(`https://h.example.org/a%20b.deb?c#sha256=${'9'.repeat(64)}`),
);
const override = fc
  .tuple(
    fc.constantFrom('o1', 'o1:i386', 'o2', 'o3', 'o4'),
    fc.oneof(
      deb.map(only => ({ with: only })),
      fc.uniqueArray(deb, { minLength: 1, maxLength: 3 }).map(list => ({ with: list })),
      fc.constantFrom({ remove: true }, { version: '1:2-3' }, { suite: 'trixie-backports' }),
    ),
  )
  .map(([name, choice]) => ({ package: name, ...choice }));
const multiArch = optional({
  enabled: fc.boolean(),
  architectures: some('i386', 'arm64'),
  packages: fc
    .tuple(
      some('m1', 'm1:i386', 'm2:amd64'),
      some(
        { package: 'm3', type: 'same' },
        { package: 'm3', architecture: 'i386', type: 'same' },
        { package: 'm4', architecture: 'i386', type: 'foreign' },
        { package: 'm4', type: 'allowed' },
      ),
    )
    .map(lists => lists.flat()),
});
const oneLine = fc.oneof(
  content.map(text => text.replaceAll(/[\x00-\x08\x0a-\x1f\x7f]/g, '')),
  fc.constantFrom('', ' a  b ', '# a', 'true', '10', 'a: b', '\t', '"', "'"),
);
const pin = fc.record(
  {
    packages: fc.constantFrom(['linux-*', 'src:a1'], ['?']),
    pin: fc.constantFrom('release a=x, n="y"', 'version 5.*', 'origin ""'),
    priority: fc.integer({ min: -32_767, max: 32_767 }),
    explanation: oneLine,
  },
  { requiredKeys: ['packages', 'pin', 'priority'] },
);
const id = fc.integer({ min: 0, max: 2 ** 32 - 2 });
const user = fc.record(
  {
    name: fc.constantFrom('u', '_u', 'null', 'u$'),
    uid: id,
    group: fc.constant('g'),
    home: fc.constant('/var/lib/u'),
    shell: fc.constant('/bin/sh'),
    description: oneLine.map(text => text.replaceAll(':', '')),
    groups: some('a', 'b'),
    system: fc.boolean(),
  },
  { requiredKeys: ['name'] },
);
const answer = fc
  .tuple(fc.constantFrom('a', '-', '"'), fc.constantFrom('a/b', 'c'), oneLine, fc.boolean())
  .map(([owner, question, value, asText]) =>
    asText ? `${owner}  ${question}\tstring ${value}` : { package: owner, question, type: 'string', value },
  );
const answerKey = (entry: string | { package: string; question: string }): string =>
  typeof entry === 'string' ? entry.split(/[ \t]+/, 2).join(' ') : `${entry.package} ${entry.question}`;
const script = fc
  .tuple(
    fc.constantFrom('s', '10', 't'),
    fc.oneof(
      content.filter(text => /\S/.test(text)).map(run => ({ run })),
      hostPath.map(source => ({ source })),
    ),
    fc.option(some('in/a', './b', '/srv/c/'), { nil: undefined }),
  )
  .map(([name, what, inputs]) => ({ name, ...what, ...(inputs === undefined ? {} : { inputs }) }));
const label = fc.constantFrom('org.example.team', '10', '2', 'constructor', 'toString', 'mode', 'key', 'a/b');

/** Input of a spec as JSON, which is YAML. */
const specInput = fc.record(
  {
    'base-image': fc.constantFrom<unknown>(
      'apt://trixie',
      'containerfile:a b/Containerfile',
      { containerfile: './C', context: '..', 'build-args': { B: 'x\ny', A: '', N: '1.10' } },
      { containerfile: '/srv/x/C', context: '/srv/x' },
      'local://debian/13',
      'oci://ubuntu:24.04',
      'oci:dir:tag',
      'docker-archive:/a b.tar',
    ),
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
    layers: unique(layer, entry => requestKey(typeof entry === 'string' ? entry : entry.package)),
    files: unique(file, entry => entry.path),
    services: fc.record(
      { enable: fc.constant(['ssh', 'a.timer']), mask: fc.constant(['b']) },
      { requiredKeys: [] },
    ),
    repositories: unique(repository, entry => entry.name),
    remove: fc.constant(['zzz-removed']),
    overrides: unique(override, entry => entry.package),
    'multi-arch': multiArch,
    metadata,
    'maintainer-scripts': optional({
      'validation-mode': mode,
      'forbidden-actions': some('systemctl', 'network', '/proc/sys', './a'),
    }),
    pins: fc.array(pin, { maxLength: 3 }),
    holds: some('h1', 'h2:i386'),
    recommends: fc.boolean(),
    snapshot: fc.constantFrom('20250128', '2025-01-28T14:30:22Z', '20250128T143022Z'),
    'kernel-arguments': some('quiet', 'a="b c"', 'null', '0x10', '--x', '#a', 'k=*a'),
    security: optional({
      verity: fc.constantFrom('require', 'prefer'),
      vulnerabilities: optional({
        vex: some('vex.json', '/etc/vex.json'),
        refuse: fc.constantFrom(['high'], ['high', 'critical'], ['low']),
        unfixed: fc.constantFrom('allow', 'refuse'),
        except: fc.constantFrom([], [{ cve: 'CVE-2027-1', reason: 'a "b"', until: '2027-02-28' }]),
        'max-age': fc.constantFrom('7d', '36h'),
      }),
      archives: fc.constant({ allow: ['Debian/*', 'Own Archive/a'] }),
      packages: fc.constant({ deny: ['telnet*', 'rsh-server'] }),
      images: fc.record({
        require: fc.constant('signed'),
        keys: fc.uniqueArray(
          fc.oneof(
            hostPath.map(path => `./${path}.pub`),
            fc.constant(IMAGE_KEY),
          ),
          {
            ...{ minLength: 1, maxLength: 3 },
          },
        ),
      }),
    }),
    initramfs: optional({ modules: some('ext4', '9p'), compression: fc.constantFrom('zstd', 'xz') }),
    users: unique(user, entry => entry.name),
    groups: unique(
      fc.record(
        { name: fc.constantFrom('g', 'adm'), gid: id, system: fc.boolean() },
        { requiredKeys: ['name'] },
      ),
      entry => entry.name,
    ),
    debconf: unique(answer, answerKey),
    scripts: unique(script, entry => entry.name),
    labels: fc.dictionary(label, content, { maxKeys: 3 }),
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
        expect(inputFiles(after).every(path => /^\/srv\/(?:a\/|c$)/.test(path))).toBe(true);
        expect(resolvePaths(after, '/elsewhere')).toEqual(after);
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
        const { name: _name, version: _version, snapshot: _snapshot, ...rest } = value;
        const shuffled: Spec = {
          ...rest,
          labels: {},
          kernelArguments: [],
          maintainerScripts: { validationMode: 'strict', forbiddenActions: ['x'] },
          layerPolicies: value.layerPolicies
            .toReversed()
            .map(({ validationMode: _mode, ...policy }) => policy),
          overrides: value.overrides.toReversed(),
          holds: value.holds.toReversed(),
          scripts: value.scripts.map(one => ({ ...one, inputs: one.inputs.toReversed() })),
          layers: [value.metadata, ...value.layerPolicies].some(one => one.conflictResolution !== undefined)
            ? value.layers
            : value.layers.toReversed(),
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
    [`${base}layers: [{package: vim, metadata: {preserve-permissions: false}}]`],
    [`${base}overrides: [{package: vim, version: "1"}]`],
    [`${base}overrides: [{package: vim, with: ./a.deb}]`],
    [`${base}overrides: [{package: vim, remove: true}]`],
    [`${base}multi-arch: {architectures: [i386]}`],
    [`${base}metadata: {preserve-permissions: false}`],
    [`${base}metadata: {conflict-resolution: fail}`],
    [`${base}pins: [{packages: [a1], pin: version 1, priority: 1}]`],
    [`${base}holds: [vim]`],
    [`${base}initramfs: {modules: [ext4]}`],
    [`${base}initramfs: {compression: xz}`],
    [`${base}users: [{name: u}]`],
    [`${base}groups: [{name: u}]`],
    [`${base}debconf: ["a b c d"]`],
    [`${base}scripts: [{name: s, run: x}]`],
    [`${base}scripts: [{name: s, source: x}]`],
  ])('depends on %j', text => {
    expect(key(parseSpec(text, 's.yaml'))).not.toBe(key(parseSpec(base, 's.yaml')));
  });

  it.each([
    ['labels: {a: b}'],
    ['security: {verity: require}'],
    ['security: {verity: prefer}'],
    ['security: {vulnerabilities: {vex: [vex.json]}}'],
    ['security: {images: {require: signed, keys: [./release.pub]}}'],
    ['security: {vulnerabilities: {refuse: [high]}, archives: {allow: [Debian/*]}, packages: {deny: [a1]}}'],
    ['name: x'],
    ['version: x'],
    ['snapshot: "20250128"'],
    ['kernel-arguments: [quiet]'],
    ['maintainer-scripts: {validation-mode: strict, forbidden-actions: [systemctl]}'],
    ['multi-arch: {enabled: false}'],
    ['metadata: {preserve-permissions: true}'],
    ['initramfs: {}'],
    ['bootstrap: {variant: minbase}'],
  ])('does not depend on %j', line => {
    expect(key(parseSpec(`${base}${line}`, 's.yaml'))).toBe(key(parseSpec(base, 's.yaml')));
  });

  it.each([
    ['layers: [vim]', 'layers: [{package: vim, maintainer-scripts: strict}]', true],
    ['overrides: [{package: a1, with: ./a.deb}]', 'overrides: [{package: a1, with: [./a.deb]}]', true],
    ['debconf: ["a b c d"]', 'debconf: [{package: a, question: b, type: c, value: d}]', true],
    ['users: [{name: a}]', 'users: [{name: a, groups: [], system: false}]', true],
    ['users: [{name: a}, {name: b}]', 'users: [{name: b}, {name: a}]', false],
    ['layers: [vim, git]', 'layers: [git, vim]', true],
    [
      'layers: [vim, git]\nmetadata: {conflict-resolution: keep-latest}',
      'layers: [git, vim]\nmetadata: {conflict-resolution: keep-latest}',
      false,
    ],
    [
      'scripts: [{name: a, run: x}, {name: b, run: x}]',
      'scripts: [{name: b, run: x}, {name: a, run: x}]',
      false,
    ],
    ['scripts: [{name: a, run: x, inputs: [/x/i]}]', 'scripts: [{name: a, run: x}]', false],
    [
      'pins: [{packages: [a1], pin: version 1, priority: 1}]',
      'pins: [{packages: [a1], pin: version 1, priority: 2}]',
      false,
    ],
  ])('%s and %s: %s', (a, b, expected) => {
    const [one, other] = [a, b].map(line => key(parseSpec(`${base}${line}`, 's.yaml')));
    expect(one === other).toBe(expected);
  });

  it('knows inputs of scripts by their names as well, as scripts do', () => {
    const input = (path: string) =>
      JSON.stringify(
        specDigestInput(
          parseSpec(`${base}scripts: [{name: s, run: x, inputs: [${path}]}]`, 's.yaml'),
          () => '1',
        ),
      );
    expect(input('/x/a')).toBe(input('/y/a/'));
    expect(input('/x/a')).not.toBe(input('/x/b'));
  });

  it('takes the content of files, not their paths', () => {
    const at = (place: string) =>
      parseSpec(
        `${base}files: [{path: /etc/a, source: ${place}/a}]
layers: [${place}/b.deb]
bootstrap: {keyring: ${place}/k}
overrides: [{package: a1, with: [${place}/c.deb, ${place}/d.deb]}, {package: b1, with: ${place}/e.deb}]
scripts: [{name: s, source: ${place}/s, inputs: [${place}/i]}]
repositories: [{name: r, uris: [http://x], suites: [./], signed-by: ${place}/k}]`,
        's.yaml',
      );
    const a = at('/x');
    const b = at('/y');
    const input = (value: Spec, digest: string) => JSON.stringify(specDigestInput(value, () => digest));
    expect(input(a, '1')).toBe(input(b, '1'));
    expect(input(a, '1')).not.toBe(input(a, '2'));
  });
});
