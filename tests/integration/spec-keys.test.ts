import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBootloader } from '../../src/boot/index.ts';
import { withTransaction } from '../../src/transaction/index.ts';
import { type Archive, archive } from '../support/archive.ts';
import { buildDeb } from '../support/deb.ts';
import { testHost } from '../support/host.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories, stateOf } from '../support/system.ts';

/** Asks one question, and writes down what it was answered. */
const ASKING = {
  name: 'asking',
  depends: ['debconf'],
  control: {
    templates: 'Template: asking/name\nType: string\nDefault: nobody\nDescription: A name\n',
  },
  scripts: {
    config: '. /usr/share/debconf/confmodule\ndb_input high asking/name || true\ndb_go || true',
    postinst: '. /usr/share/debconf/confmodule\ndb_get asking/name\necho "$RET" > /etc/asked',
  },
};

let repository: Archive;
let system: LocalSystem;

beforeAll(async () => {
  repository = await archive([
    ASKING,
    { name: 'generous', recommends: ['pinned'] },
    { name: 'pinned', version: '1', files: { '/usr/share/pinned': 'one '.repeat(30) } },
    { name: 'pinned', version: '2', files: { '/usr/share/pinned': 'two '.repeat(30) } },
  ]);
  system = await localSystem(repository);
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

const inSystem = async (sysroot: string, command: string) =>
  (await aptLayerMust(sysroot, ['run', '--', 'sh', '-ec', command])).stdout;
const spec = (name: string, text: string) =>
  system.spec(name, `name: test\nbase-image: local://min\n${text}${repositories(repository)}`);

describe('the keys of a spec', () => {
  it('make accounts, answers, files, scripts and settings part of the system', async () => {
    const sysroot = await system.copy('keys');
    fs.mkdirSync(system.directory.join('inputs/deep'), { recursive: true });
    fs.writeFileSync(system.directory.join('inputs/deep/data'), 'from the input\n');
    const file = spec(
      'keys',
      `layers: [asking]
groups: [{name: makers, gid: 4321}, {name: crew, system: true}]
users:
  - {name: maker, uid: 4321, group: makers, groups: [crew, mail], shell: /bin/bash, description: A maker}
  - {name: keeper, system: true, home: /var/lib/keeper}
  - {name: games, groups: [crew]}
debconf: ["asking asking/name string somebody else"]
files:
  - {path: /etc/greeting, content: "hello\\n", owner: maker, mode: 0600}
scripts:
  - name: first
    inputs: [./inputs]
    run: cp "$APT_LAYER_INPUTS/inputs/deep/data" /usr/share/from-script
  - name: second
    run: |
      #!/usr/bin/perl
      open my $f, '>', '/usr/share/by-perl' or die; print $f -e '/usr/share/from-script' ? "after\\n" : "before\\n";
labels: {org.example.team: base}
kernel-arguments: [quiet, 'x="a b"']
`,
    );
    await aptLayerMust(sysroot, ['compose', 'tree', file]);
    expect(
      await inSystem(sysroot, 'id maker; cat /etc/asked /usr/share/from-script /usr/share/by-perl'),
    ).toBe(
      'uid=4321(maker) gid=4321(makers) groups=4321(makers),8(mail),' +
        `${await inSystem(sysroot, 'getent group crew | cut -d: -f3 | tr -d "\\n"')}(crew)\n` +
        'somebody else\nfrom the input\nafter\n',
    );
    expect(await inSystem(sysroot, 'stat -c "%U %a" /etc/greeting; ls -d /home/maker; id -nG games')).toMatch(
      /^maker 600\n\/home\/maker\ngames crew\n$/,
    );
    expect(await inSystem(sysroot, 'cat /usr/lib/sysusers.d/apt-layer.conf')).toMatch(/^u keeper /m);
    const status = (await aptLayerMust(sysroot, ['status', '--json'])).json() as {
      deployments: Record<string, unknown>[];
    };
    expect(status.deployments[0]?.['kernel-arguments']).toEqual(['quiet', 'x="a b"']);
    expect(status.deployments[0]?.['layered-commit-meta']).toEqual({ 'org.example.team': 'base' });

    // Nothing to do, until an input changes.
    const again = await aptLayerMust(sysroot, ['--json', 'compose', 'tree', file]);
    expect(again.json()).toMatchObject({ changed: false, cached: true });
    fs.writeFileSync(system.directory.join('inputs/deep/data'), 'changed\n');
    await aptLayerMust(sysroot, ['compose', 'tree', file]);
    expect(await inSystem(sysroot, 'cat /usr/share/from-script')).toBe('changed\n');
  });

  it('require fs-verity: no other image, but no deployment that would be booted without', async () => {
    const sysroot = await system.copy('verity');
    const at = { host: testHost(), sysroot };
    const plain = (
      await aptLayerMust(sysroot, ['--json', 'compose', 'tree', spec('plain', ''), '--no-deploy'])
    ).json();
    await withTransaction(at, { verb: 'test', commandLine: 'test' }, async transaction =>
      writeBootloader(transaction, {
        ...{ loader: 'systemd-boot', boot: { path: '/boot' }, arguments: [], verity: false },
      }),
    );
    const file = spec('verity', 'security: {verity: require}\n');
    const before = stateOf(sysroot);
    for (const options of [[], ['--dry-run']]) {
      const refused = await aptLayer(sysroot, [...options, 'compose', 'tree', file]);
      expect(refused.code).toBe(4);
      expect(refused.stderr).toContain('bootloader require-verity');
    }
    expect(stateOf(sysroot)).toBe(before);
    const built = await aptLayerMust(sysroot, ['--json', 'compose', 'tree', file, '--no-deploy']);
    expect(built.json()).toMatchObject({ image: (plain as { image: string }).image, cached: true });
  });

  it('pin and hold', async () => {
    const sysroot = await system.copy('pins');
    const pin = 'pins: [{packages: [pinned], pin: version 1, priority: 990}]\n';
    await aptLayerMust(sysroot, [
      'compose',
      'tree',
      spec('pins', `layers: [pinned]\n${pin}holds: [pinned]\n`),
    ]);
    expect(await inSystem(sysroot, 'cat /usr/share/pinned; dpkg --get-selections pinned')).toMatch(
      /one.*hold\n$/s,
    );
  });

  it('take a package by its address and its SHA-256', async () => {
    const sysroot = await system.copy('address');
    const path = await buildDeb(
      { name: 'loose', files: { '/usr/share/loose': 'loose '.repeat(30) } },
      repository.directory,
    );
    const sha256 = (await import('node:crypto'))
      .createHash('sha256')
      .update(fs.readFileSync(path))
      .digest('hex');
    const address = `${repository.url}/${path.slice(repository.directory.length + 1)}`;
    await aptLayerMust(sysroot, ['layer', `${address}#sha256=${sha256}`]);
    expect(await inSystem(sysroot, 'cat /usr/share/loose')).toContain('loose');
    const wrong = await aptLayer(sysroot, ['layer', `${address}?#sha256=${'0'.repeat(64)}`]);
    expect(wrong.code).toBe(6);
    expect(wrong.stderr).toContain('0'.repeat(64));
  });

  it('may come from other files', async () => {
    const sysroot = await system.copy('include');
    fs.mkdirSync(system.directory.join('parts'), { recursive: true });
    fs.writeFileSync(system.directory.join('parts/greeting'), 'included\n');
    fs.writeFileSync(
      system.directory.join('parts/files.yaml'),
      'files:\n  - {path: /etc/included, source: ./greeting}\nlayers: [asking, pinned=1]\n',
    );
    await aptLayerMust(sysroot, [
      'compose',
      'tree',
      spec('include', 'include: [parts/files.yaml]\nlayers: [pinned]\n'),
    ]);
    expect(await inSystem(sysroot, 'cat /etc/included; head -c3 /usr/share/pinned')).toBe('included\ntwo');
    await aptLayerMust(sysroot, ['unlayer', 'asking']);
  });
});

describe('a script of the spec', () => {
  it('that fails is named with its last words, and nothing is changed', async () => {
    const sysroot = await system.copy('script-fails');
    const file = spec('script-fails', 'scripts: [{name: breaks, run: "echo no luck today >&2; exit 3"}]\n');
    const failed = await aptLayer(sysroot, ['compose', 'tree', file]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('the script breaks failed');
    expect(failed.stderr).toContain('no luck today');
  });

  it.each([
    ['users', 'users: [{name: maker, groups: [no-such-group]}]', 'no-such-group'],
    ['services', 'services: {enable: [no-such-unit]}', 'no-such-unit'],
  ])('%s: what cannot be is a mistake of the spec', async (name, text, words) => {
    const sysroot = await system.copy(`wrong-${name}`);
    const failed = await aptLayer(sysroot, ['compose', 'tree', spec(`wrong-${name}`, `${text}\n`)]);
    expect(failed.code).toBe(3);
    expect(failed.stderr).toContain(words);
  });
});

describe('recommends', () => {
  it.each([
    [true, ['generous', 'pinned']],
    [false, ['generous']],
  ])('%s', async (recommends, names) => {
    const sysroot = await system.copy(`recommends-${recommends}`);
    const file = spec('recommends', `layers: [generous]\nrecommends: ${recommends}\n`);
    const { packages } = (await aptLayerMust(sysroot, ['--json', '-n', 'compose', 'tree', file])).json() as {
      packages: { added: { name: string }[] };
    };
    expect(packages.added.map(one => one.name).sort()).toEqual(names);
  });
});

describe('compose', () => {
  it('explains, lints and validates', async () => {
    const sysroot = await system.copy('explain');
    await aptLayerMust(sysroot, ['layer', 'asking']);
    const explained = await aptLayerMust(sysroot, ['--json', 'compose', 'explain', 'debconf']);
    expect(explained.json()).toMatchObject({
      package: 'debconf',
      isInBase: true,
      request: null,
      paths: [
        [
          { package: 'asking', field: 'Depends', needs: 'debconf' },
          { package: 'debconf', field: null },
        ],
      ],
    });
    expect((await aptLayerMust(sysroot, ['compose', 'explain', 'asking'])).stdout).toContain('layers');
    expect((await aptLayer(sysroot, ['compose', 'explain', 'no-such'])).code).toBe(1);
    const file = spec('lint', 'debconf: [a a/b password secret]\n');
    const lint = await aptLayer(sysroot, ['--json', 'compose', 'lint', file]);
    expect(lint.code).toBe(1);
    expect((lint.json() as { findings: { rule: string }[] }).findings.map(one => one.rule)).toEqual([
      'no-lock',
      'password',
    ]);
  });
});
