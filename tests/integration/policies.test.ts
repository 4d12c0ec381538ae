// biome-ignore-all lint/suspicious/noTemplateCurlyInString: formats of dpkg-query look so.
import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { execute } from '../support/command.ts';
import { buildDeb, type DebDescription } from '../support/deb.ts';
import { CHECKOUT } from '../support/places.ts';
import { file, OF_BASE, PACKAGES } from '../support/policy-packages.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories, stateOf } from '../support/system.ts';

interface Outcome {
  readonly packages: Record<
    'added' | 'removed' | 'upgraded' | 'downgraded',
    { name: string; version?: string; to?: string }[]
  >;
  readonly removed: string[];
  readonly changed: boolean;
  readonly deployment: string | null;
}

let repository: Archive;
let system: LocalSystem;

beforeAll(async () => {
  repository = await archive([...OF_BASE, ...PACKAGES]);
  system = await localSystem(repository);
  // A base with packages of the archive, then an archive that has moved on.
  const base = system.spec(
    'full',
    `base-image: local://min\nlayers: [base-one, base-needs, held-one, base-mailer]\n${repositories(repository)}`,
  );
  await aptLayerMust(system.pristine, ['compose', 'tree', base, '--no-deploy', '--ref', 'full']);
  await repository.publish([
    { name: 'base-one', version: '1.5', files: file('base-one', 'newer') },
    { name: 'held-one', version: '2', files: file('held-one', 'two') },
  ]);
  const spec = system.spec('start', `name: test\nbase-image: local://full\n${repositories(repository)}`);
  await aptLayerMust(system.pristine, ['compose', 'tree', spec]);
  await aptLayerMust(system.pristine, ['layer', '--refresh', '--dry-run', 'tool']);
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

const json = async (sysroot: string, ...args: string[]) =>
  (await aptLayerMust(sysroot, ['--json', ...args])).json() as Outcome;
const inSystem = async (sysroot: string, ...command: string[]) =>
  (await aptLayerMust(sysroot, ['run', '--', ...command])).stdout;
const version = (sysroot: string, name: string) =>
  inSystem(sysroot, 'dpkg-query', '-W', '-f', '${Version}', name);
async function specText(sysroot: string): Promise<string> {
  const status = (await aptLayerMust(sysroot, ['status', '--json'])).json() as {
    deployments: { id: string }[];
  };
  return fs.readFileSync(`${sysroot}/state/deploy/${status.deployments[0]?.id}/spec.yaml`, 'utf8');
}
async function deb(description: DebDescription): Promise<string> {
  const directory = system.directory.join('debs');
  fs.mkdirSync(directory, { recursive: true });
  return buildDeb(description, directory);
}

describe('override', () => {
  it('puts files in the place of packages, also of several that need each other, and takes them back', async () => {
    const sysroot = await system.copy('override-files');
    await aptLayerMust(sysroot, ['layer', 'twin-a']);
    const files = [
      await deb({ name: 'twin-a', version: '2', depends: ['twin-b (= 2)'], files: file('twin-a', 'two') }),
      await deb({ name: 'twin-b', version: '2', files: file('twin-b', 'two') }),
    ];
    const alone = await aptLayer(sysroot, ['override', 'twin-a', files[0] ?? '']);
    expect(alone.code).toBe(5);
    expect(alone.stderr).toContain('twin-b');
    const done = await json(sysroot, 'override', 'twin-a', ...files);
    expect(done.packages.upgraded.map(one => [one.name, one.to])).toEqual([
      ['twin-a', '2'],
      ['twin-b', '2'],
    ]);
    const status = (await aptLayerMust(sysroot, ['status', '--json'])).json() as {
      deployments: Record<string, unknown>[];
    };
    expect(status.deployments[0]?.['base-local-replacements']).toEqual(['twin-a_2_all']);
    const back = await json(sysroot, 'override', 'reset', 'twin-a');
    expect(back.packages.downgraded).toHaveLength(2);
    expect(await version(sysroot, 'twin-b')).toBe('1');
  });

  it('goes to an exact version, older or newer, and says when the archive has passed it', async () => {
    const sysroot = await system.copy('override-version');
    await aptLayerMust(sysroot, ['override', 'version', 'base-one=1.5']);
    expect(await version(sysroot, 'base-one')).toBe('1.5');
    await aptLayerMust(sysroot, ['override', 'version', 'base-one=1.0', 'tool=1.0']);
    // Nothing has tool: an override does not bring it.
    expect((await aptLayer(sysroot, ['run', '--', 'dpkg-query', '-W', 'tool'])).code).toBe(1);
    await aptLayerMust(sysroot, ['layer', 'needs-tool']);
    expect(await version(sysroot, 'tool')).toBe('1.0');
    const { overrides } = (await aptLayerMust(sysroot, ['--json', 'override', 'list'])).json() as {
      overrides: Record<string, unknown>[];
    };
    expect(overrides).toEqual([
      {
        package: 'base-one',
        kind: 'version',
        with: ['1.0'],
        version: '1.0',
        passedBy: '1.5',
        sinceSeconds: expect.any(Number) as number,
        ageSeconds: expect.any(Number) as number,
      },
      {
        package: 'tool',
        kind: 'version',
        with: ['1.0'],
        version: '1.0',
        passedBy: '2:1.1~rc1-1',
        sinceSeconds: expect.any(Number) as number,
        ageSeconds: expect.any(Number) as number,
      },
    ]);
    await aptLayerMust(sysroot, ['override', 'reset', '--all']);
    expect(await version(sysroot, 'tool')).toBe('2:1.1~rc1-1');
  });

  it('removes what nothing needs, and names what needs it otherwise', async () => {
    const sysroot = await system.copy('override-remove');
    const before = stateOf(sysroot);
    const refused = await aptLayer(sysroot, ['override', 'remove', 'base-needed']);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain('base-needs');
    expect(stateOf(sysroot)).toBe(before);
    const both = await json(sysroot, 'override', 'remove', 'base-needed', 'base-needs');
    expect(both.removed.sort()).toEqual(['base-needed', 'base-needs']);
    expect((await aptLayer(sysroot, ['override', 'reset', 'base-one'])).code).toBe(1);
    const layered = await aptLayer(sysroot, ['layer', 'base-needs']);
    expect(layered.code).toBe(3);
    expect(layered.stderr).toContain('base-needs');
  });

  it('changes nothing with --dry-run', async () => {
    const sysroot = await system.copy('override-dry');
    const before = stateOf(sysroot);
    expect(await json(sysroot, '-n', 'override', 'version', 'base-one=1.5')).toMatchObject({
      dryRun: true,
      deployment: null,
      packages: { upgraded: [{ name: 'base-one', from: '1.0', to: '1.5' }] },
    });
    expect(stateOf(sysroot)).toBe(before);
  });
});

describe('a package that conflicts with one of the base', () => {
  const gone = 'installing other-mta would remove base-mailer, base-mta';

  it('takes its place when the user says so, and gives it back', async () => {
    const sysroot = await system.copy('conflict');
    const before = stateOf(sysroot);
    const refused = await aptLayer(sysroot, ['layer', 'other-mta']);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain(gone);
    const typed = /^hint: if that is wanted: apt-layer (.*)$/m.exec(refused.stderr)?.[1];
    expect(typed).toBe(`--sysroot ${sysroot} layer other-mta --remove base-mailer --remove base-mta`);
    const half = await aptLayer(sysroot, ['layer', 'other-mta', '--remove', 'base-mta']);
    expect(half.stderr).toContain('installing other-mta and removing base-mta would also remove base-mailer');
    expect(half.stderr).toContain('layer other-mta --remove base-mta --remove base-mailer');
    expect((await aptLayer(sysroot, ['-n', 'layer', 'other-mta'])).code).toBe(5);
    expect((await aptLayer(sysroot, ['layer', 'other-mta', '--remove', 'Bad_'])).code).toBe(2);
    expect(stateOf(sysroot)).toBe(before);

    const swapped = await aptLayerMust(undefined, (typed ?? '').split(' '));
    expect(swapped.stdout).toContain('Removed from the base (2 packages)');
    expect(await inSystem(sysroot, 'cat', '/usr/share/mta')).toMatch(/^other/);
    expect(await specText(sysroot)).toContain('remove:\n  - base-mailer\n  - base-mta\n');

    await aptLayerMust(sysroot, ['layer', 'base-mta', '--remove', 'other-mta']);
    expect(await inSystem(sysroot, 'cat', '/usr/share/mta')).toMatch(/^of the base/);
    expect(await specText(sysroot)).toContain('remove:\n  - base-mailer\n');
    expect(await specText(sysroot)).not.toContain('other-mta');
  });

  it('is asked about on a terminal, and -y says yes', async () => {
    const sysroot = await system.copy('conflict-asked');
    const before = stateOf(sysroot);
    const program = `${process.execPath} ${CHECKOUT}/bin/apt-layer --sysroot ${sysroot} layer other-mta`;
    const answered = (answer: string) =>
      execute('script', ['--quiet', '--return', '--command', program, '/dev/null'], {
        stdin: `${answer}\n`,
        timeoutMs: 60_000,
      });
    const no = await answered('n');
    expect(no.code).toBe(5);
    expect(no.stdout).toContain(`${gone}. Let them go? [y/N]`);
    expect(stateOf(sysroot)).toBe(before);
    const yes = await answered('y');
    expect(yes.code, yes.stdout).toBe(0);
    expect(await inSystem(sysroot, 'cat', '/usr/share/mta')).toMatch(/^other/);

    await aptLayerMust(sysroot, ['rollback']);
    await aptLayerMust(sysroot, ['-y', 'layer', 'other-mta']);
    expect(await specText(sysroot)).toContain('remove:\n  - base-mailer\n  - base-mta\n');
    const path = await deb({ name: 'file-mta', conflicts: ['base-one'], files: file('file-mta', 'x') });
    const fromFile = await aptLayer(sysroot, ['layer', path]);
    expect(fromFile.stderr).toContain(
      `installing ${path} and removing base-mailer, base-mta would also remove base-one`,
    );
  });
});

describe('hold', () => {
  it('keeps a package of the base that a layer wants newer, and says so', async () => {
    const sysroot = await system.copy('hold');
    await aptLayerMust(sysroot, ['hold', 'held-one']);
    expect(await inSystem(sysroot, 'dpkg', '--get-selections', 'held-one')).toMatch(/hold/);
    const refused = await aptLayer(sysroot, ['layer', 'needs-newer']);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain('held-one');
    expect((await aptLayer(sysroot, ['unhold', 'base-one'])).code).toBe(1);
    await aptLayerMust(sysroot, ['unhold', 'held-one']);
    await aptLayerMust(sysroot, ['layer', 'needs-newer']);
    expect(await version(sysroot, 'held-one')).toBe('2');
  });
});

describe('several architectures', () => {
  it('are side by side, and run in one system', async () => {
    const sysroot = await system.copy('multi-arch');
    await aptLayerMust(sysroot, ['layer-multiarch', 'lib-same', 'amd64', 'same']);
    await aptLayerMust(sysroot, ['layer-multiarch', 'lib-same', 'i386', 'foreign']);
    await aptLayerMust(sysroot, ['layer', 'one-at-a-time:i386']);
    expect(await inSystem(sysroot, 'dpkg', '--print-foreign-architectures')).toBe('i386\n');
    const found = await inSystem(
      sysroot,
      'dpkg-query',
      '-W',
      '-f',
      '${binary:Package} ',
      'lib-same',
      'one-at-a-time:i386',
    );
    expect(found.trim().split(' ').sort()).toEqual(['lib-same:amd64', 'lib-same:i386', 'one-at-a-time:i386']);
    expect(await specText(sysroot)).toMatch(/multi-arch:/);
    await aptLayerMust(sysroot, ['layer-multiarch', 'interpreter', 'i386', 'allowed']);
  });

  it.each([
    ['one-at-a-time', 'i386', 'same', 'one architecture at a time'],
    ['serves-all', 'i386', 'same', 'serves packages of all'],
    ['lib-same', 'amd64', 'foreign', 'amd64 is the architecture of the system itself'],
    ['lib-same', 'i386', 'allowed', 'several architectures at once'],
  ])('%s %s %s is refused with the reason', async (name, architecture, type, reason) => {
    const sysroot = await system.copy(`multi-arch-${name}-${type}`);
    const before = stateOf(sysroot);
    const refused = await aptLayer(sysroot, ['layer-multiarch', name, architecture, type]);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain(name);
    expect(refused.stderr).toContain(reason);
    expect(stateOf(sysroot)).toBe(before);
  });
});

describe('permissions and conflicts', () => {
  it('are settled as the policy of a package says', async () => {
    const sysroot = await system.copy('metadata');
    await aptLayerMust(sysroot, ['layer', 'setuid-one']);
    expect(await inSystem(sysroot, 'stat', '-c', '%a', '/usr/bin/setuid-one')).toBe('4755\n');
    const plain = await aptLayer(sysroot, ['layer', 'claims-too']);
    expect(plain.code).toBe(5);
    expect(plain.stderr).toMatch(/setuid-one[\s\S]*claims-too|claims-too[\s\S]*setuid-one/);
    const failing = await aptLayer(sysroot, ['layer-metadata', 'claims-too', 'true', 'fail']);
    expect(failing.code).toBe(5);
    expect(failing.stderr).toContain('/usr/share/claimed');
    await aptLayerMust(sysroot, ['layer-metadata', 'claims-too', 'true', 'keep-latest']);
    expect(await inSystem(sysroot, 'head', '-c', '10', '/usr/share/claimed')).toBe('claims-too');
    await aptLayerMust(sysroot, ['layer-metadata', 'claims-too', 'true', 'keep-base']);
    expect(await inSystem(sysroot, 'head', '-c', '10', '/usr/share/claimed')).toBe('setuid-one');
    const stripped = await aptLayerMust(sysroot, ['layer-metadata', 'setuid-one', 'false', 'keep-latest']);
    expect(stripped.stderr).toContain('setuid-one');
    expect(await inSystem(sysroot, 'stat', '-c', '%a', '/usr/bin/setuid-one')).toBe('755\n');
  });
});

describe('maintainer scripts', () => {
  it('are refused when strict, reported otherwise', async () => {
    const sysroot = await system.copy('scripts');
    const before = stateOf(sysroot);
    const strict = await aptLayer(sysroot, ['layer-scripts', 'starts-service', 'strict']);
    expect(strict.code).toBe(5);
    expect(strict.stderr).toMatch(/starts-service postinst:\d+: udevadm trigger/);
    expect(stateOf(sysroot)).toBe(before);
    const warned = await aptLayerMust(sysroot, ['layer', 'starts-service']);
    expect(warned.stderr).toMatch(/warning: starts-service postinst:\d+: udevadm/);
    const silent = await aptLayerMust(sysroot, ['layer-scripts', 'starts-service', 'skip']);
    expect(silent.stderr).not.toContain('udevadm');
    await aptLayerMust(sysroot, ['layer-scripts', 'alternatives-user', 'strict']);
  });

  it('are warned of once, by the change that brings them', async () => {
    const sysroot = await system.copy('scripts-once');
    const udev = /^warning: starts-service postinst:\d+: udevadm/m;
    const hacked = 'warning: /usr/share/tool of tool is not as it was shipped';
    const kept = async () =>
      (
        (await aptLayerMust(sysroot, ['status', '--json'])).json() as {
          deployments: { warnings: string[] | null }[];
        }
      ).deployments[0]?.warnings;
    expect((await aptLayerMust(sysroot, ['layer', 'starts-service'])).stderr).toMatch(udev);
    const other = await aptLayerMust(sysroot, ['layer', 'tool', 'rude']);
    expect(other.stderr).not.toMatch(udev);
    expect(other.stderr).toContain(hacked);
    expect(other.stderr).toContain('a warning of before is not repeated: `apt-layer status -v` lists them');
    const third = await aptLayerMust(sysroot, ['layer', 'twin-a']);
    expect(third.stderr).not.toMatch(/^warning/m);
    const all = [
      expect.stringMatching(/^starts-service postinst:\d+: udevadm/),
      expect.stringContaining('/usr/share/tool of tool'),
      expect.stringContaining('/usr/share/base-one of base-one'),
    ];
    expect(await kept()).toEqual(all);
    const shown = await aptLayerMust(sysroot, ['-v', 'layer', 'alternatives-user']);
    expect(shown.stderr).toMatch(udev);
    expect(shown.stderr).toContain(hacked);

    // The same on another line of a newer version is nothing new; something else is.
    const newer = (version: string, postinst: string) =>
      deb({ name: 'starts-service', version, scripts: { postinst }, files: file('starts-service', 'y') });
    const moved = await newer('1.1', '# A line more.\nudevadm trigger || true');
    expect((await aptLayerMust(sysroot, ['layer', moved])).stderr).not.toMatch(/^warning/m);
    const more = await newer('1.2', 'udevadm trigger || true\nudevadm settle || true');
    expect((await aptLayerMust(sysroot, ['layer', more])).stderr).toMatch(udev);

    // What was built before warns again when it comes again.
    await aptLayerMust(sysroot, ['unlayer', 'rude']);
    expect(await kept()).toHaveLength(1);
    expect((await aptLayerMust(sysroot, ['layer', 'rude'])).stderr).toContain(
      'warning: /usr/share/tool of tool, which was there before, was changed (content)',
    );
    expect(await kept()).toHaveLength(3);
  });

  describe('that change files of other packages without naming them', () => {
    const spec = (mode: string, rude = 'rude') =>
      system.spec(
        `rude-${mode}`,
        `name: test\nbase-image: local://full\nlayers: [tool, ${rude}]\nmaintainer-scripts: {validation-mode: ${mode}}\n${repositories(repository)}`,
      );
    const build = (sysroot: string, file: string) =>
      aptLayer(sysroot, ['--json', 'compose', 'tree', file, '--no-deploy']);
    const changed = '/usr/share/tool of tool is not as it was shipped (content)';
    const gone = '/usr/share/base-one of base-one, which was there before, is gone';
    const may = '; scripts of rude may have done it';

    it('are reported by default, and refused when strict, also when it was built before', async () => {
      const sysroot = await system.copy('rude');
      const warned = await build(sysroot, spec('warn'));
      expect(warned.code).toBe(0);
      for (const line of [changed, gone]) expect(warned.stderr).toContain(`warning: ${line}${may}`);
      expect(warned.json()).toMatchObject({
        findings: [
          { kind: 'changed', path: '/usr/share/tool', package: 'tool', suspects: ['rude'] },
          { kind: 'vanished', path: '/usr/share/base-one', package: 'base-one', suspects: ['rude'] },
        ],
      });
      for (const file of [spec('strict'), spec('warn', '{package: rude, maintainer-scripts: strict}')]) {
        const strict = await build(sysroot, file);
        expect(strict.code).toBe(5);
        for (const line of [changed, gone]) expect(strict.stderr).toContain(`${line}${may}`);
        expect(strict.json()).toMatchObject({
          error: { hint: expect.stringContaining('`apt-layer layer-scripts rude warn`') as string },
        });
      }
      const softened = await build(sysroot, spec('strict', '{package: rude, maintainer-scripts: warn}'));
      expect(softened.code).toBe(0);
    });

    it('are passed over where scripts are not looked at', async () => {
      const sysroot = await system.copy('rude-skip');
      for (const file of [spec('skip'), spec('warn', '{package: rude, maintainer-scripts: skip}')]) {
        const skipped = await build(sysroot, file);
        expect(skipped.code).toBe(0);
        expect(skipped.stderr).not.toMatch(/warning|shipped|gone/);
        expect(skipped.json()).toMatchObject({ findings: [] });
      }
    });
  });

  it('may be forbidden what is harmless', async () => {
    const sysroot = await system.copy('scripts-forbidden');
    const spec = (words: string) =>
      system.spec(
        'forbidden',
        `name: test\nbase-image: local://full\nlayers: [alternatives-user]\nmaintainer-scripts: {validation-mode: strict, forbidden-actions: [${words}]}\n${repositories(repository)}`,
      );
    const refused = await aptLayer(sysroot, ['compose', 'tree', spec('update-alternatives')]);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain('update-alternatives');
    await aptLayerMust(sysroot, ['compose', 'tree', spec('systemctl')]);
  });

  it('can be looked at without layering', async () => {
    const sysroot = await system.copy('scripts-look');
    const before = stateOf(sysroot);
    const { packages } = (await aptLayerMust(sysroot, ['--json', 'scripts', 'starts-service'])).json() as {
      packages: Record<string, unknown>[];
    };
    expect(packages).toMatchObject([
      { package: 'starts-service', severity: 'warning', scripts: [{ name: 'postinst' }] },
    ]);
    expect(stateOf(sysroot)).toBe(before);
    expect((await aptLayer(sysroot, ['scripts', 'no-such-package'])).code).toBe(5);
  });
});

describe('requests', () => {
  it('of odd names, versions, virtual packages and alternatives', async () => {
    const sysroot = await system.copy('names');
    await aptLayerMust(sysroot, ['layer', 'c++-lib', 'wants-either', 'tool=2:1.1~rc1-1']);
    expect(await version(sysroot, 'tool')).toBe('2:1.1~rc1-1');
    const old = await json(sysroot, 'layer', 'tool=1.0');
    expect(old.packages.downgraded.map(one => one.name)).toEqual(['tool']);
  });

  it('that would make something older are refused, unless that is meant', async () => {
    const sysroot = await system.copy('downgrade');
    const old = await deb({ name: 'base-one', version: '0.9', files: file('base-one', 'old') });
    const before = stateOf(sysroot);
    const refused = await aptLayer(sysroot, ['layer', old]);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain('base-one 1.0 -> 0.9');
    expect(stateOf(sysroot)).toBe(before);
    const done = await json(sysroot, 'layer', '--allow-downgrade', old);
    expect(done.packages.downgraded.map(one => [one.name, one.to])).toEqual([['base-one', '0.9']]);
  });

  it('that the base satisfies stay, inactive, and come back on a base without', async () => {
    const sysroot = await system.copy('inactive');
    await aptLayerMust(sysroot, ['layer', 'base-one', 'tool']);
    const status = async () =>
      (
        (await aptLayerMust(sysroot, ['status', '--json'])).json() as {
          deployments: Record<string, unknown>[];
        }
      ).deployments[0];
    expect(await status()).toMatchObject({
      'requested-packages': ['base-one', 'tool'],
      'inactive-requests': ['base-one'],
    });
    const moved = await aptLayerMust(sysroot, ['rebase', 'local://min']);
    expect(moved.stderr).toContain('compared with those of the one before');
    expect(await status()).toMatchObject({
      'requested-packages': ['base-one', 'tool'],
      'inactive-requests': [],
    });
    expect(await version(sysroot, 'base-one')).toBe('1.5');
  });

  it('are dropped by reset', async () => {
    const sysroot = await system.copy('reset');
    await aptLayerMust(sysroot, ['layer', 'tool']);
    await aptLayerMust(sysroot, ['override', 'remove', 'base-one']);
    await aptLayerMust(sysroot, ['reset', '--overrides']);
    expect(await version(sysroot, 'base-one')).toBe('1.0');
    const done = await json(sysroot, 'reset');
    expect(done.packages.removed.map(one => one.name)).toEqual(['tool']);
    expect((await json(sysroot, 'reset')).changed).toBe(false);
  });
});
