import fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { judge } from '../differential/judge.ts';
import { checkoutPlain } from '../differential/plain-root.ts';
import { renderDifferences } from '../differential/report.ts';
import { splitOf } from '../differential/splits.ts';
import { aptGetInstallChroot } from '../support/apt-oracle.ts';
import { type Archive, archive } from '../support/archive.ts';
import { copyRoot } from '../support/base.ts';
import { aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories } from '../support/system.ts';

/** The archive of the test, which its spec adds to our side only. */
const OWN_ARCHIVE = /^\/etc\/apt\/(keyrings|sources\.list\.d)(\/apt-layer-test\..*)?$/;

const alternative = (name: string) => ({
  name,
  files: { [`/usr/lib/${name}/tool`]: `${name} tool` },
  scripts: {
    postinst: `update-alternatives --install /usr/bin/some-tool some-tool /usr/lib/${name}/tool 10`,
  },
});

let repository: Archive;
let system: LocalSystem;

beforeAll(async () => {
  repository = await archive([
    {
      name: 'first',
      files: {
        '/usr/share/first/diverted': 'of the first\n',
        '/usr/share/first/replaced': 'of the first\n',
        '/usr/share/first/overridden': { content: 'of the first\n', mode: 0o644 },
        '/etc/first.conf': 'setting=1\n',
      },
      conffiles: ['/etc/first.conf'],
      triggers: ['interest /usr/share/watched'],
      scripts: {
        // As real ones do: being configured does what a trigger would.
        postinst:
          '[ -e /etc/made-by-first.conf ] || echo "made by first" >/etc/made-by-first.conf\n' +
          'if [ -d /usr/share/watched ]; then ls /usr/share/watched | sort >/usr/share/first/seen; fi',
      },
    },
    {
      name: 'diverting',
      depends: ['first'],
      files: { '/usr/share/first/diverted': 'of the second\n' },
      scripts: {
        preinst:
          'dpkg-divert --package diverting --add --rename --divert /usr/share/first/diverted.first /usr/share/first/diverted',
      },
    },
    {
      name: 'replacing',
      depends: ['first'],
      replaces: ['first'],
      files: { '/usr/share/first/replaced': 'of the replacing\n' },
    },
    {
      name: 'overriding',
      depends: ['first'],
      scripts: {
        postinst:
          'dpkg-statoverride --update --add root mail 4750 /usr/share/first/overridden\n' +
          'echo "added later" >>/etc/made-by-first.conf',
      },
    },
    {
      name: 'watched',
      depends: ['first'],
      files: { '/usr/share/watched/a': 'a', '/usr/share/watched/b': 'b' },
    },
    alternative('one-tool'),
    alternative('other-tool'),
    {
      name: 'with-user',
      scripts: {
        postinst:
          'useradd --system --no-create-home with-user; mkdir -p /var/lib/w; chown with-user /var/lib/w',
      },
    },
    {
      name: 'other-user',
      scripts: {
        postinst:
          'useradd --system --no-create-home other-user; mkdir -p /var/lib/o; chown other-user /var/lib/o',
      },
    },
    { name: 'asking-virtual', depends: ['some-virtual'] },
    { name: 'gives-virtual', provides: ['some-virtual'], recommends: ['watched'] },
  ]);
  system = await localSystem(repository);
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await repository?.[Symbol.asyncDispose]();
});

const PACKAGES = [
  ...['diverting', 'replacing', 'overriding', 'watched', 'one-tool', 'other-tool', 'with-user'],
  ...['other-user', 'asking-virtual'],
];

/** What two orders of installing differ in: equal alternatives, and numbers of accounts with what has them. */
const ORDER = [
  { path: /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)$/, reason: 'numbers of accounts' },
  { path: /^\/var\/lib\/[wo]$/, reason: 'numbers of accounts' },
  {
    path: /^\/etc\/alternatives\/some-tool$|^\/var\/lib\/dpkg\/alternatives\/some-tool$/,
    reason: 'ties of alternatives',
  },
  { path: /^\/var\/lib\/dpkg\/(diversions|statoverride|status|triggers\/File)$/, reason: 'order of lines' },
];

function differences(theirs: string, ours: string, more: typeof ORDER = []): string {
  const expected = [{ path: OWN_ARCHIVE, reason: 'the archive of the test' }, ...more];
  return renderDifferences(judge(theirs, ours, { expected }).differences);
}

it.each([1, 2, 3])(
  'stages give what as many runs of apt-get give, and what one stage gives but for the order (split %i)',
  async seed => {
    const sysroot = await system.copy(`split-${seed}`);
    const place = (name: string) => system.directory.join(`${name}-${seed}`);
    await copyRoot(system.root, place('theirs'));
    for (const group of splitOf(PACKAGES, { seed, groups: 3 })) {
      await aptLayerMust(sysroot, ['layer', ...group]);
      await aptGetInstallChroot(place('theirs'), group, {
        installRecommends: true,
        sources: repository.sources,
      });
    }
    const status = (await aptLayerMust(sysroot, ['status', '--json'])).json() as {
      deployments: { checksum: string; stages: unknown[] }[];
    };
    const [staged] = status.deployments;
    // What a group before it brought needs none.
    expect(staged?.stages.length).toBeGreaterThan(1);
    const spec = system.spec(
      `all-${seed}`,
      `name: test\nbase-image: local://min\nlayers: [${PACKAGES.join(', ')}]\n${repositories(repository)}`,
    );
    await aptLayerMust(sysroot, ['compose', 'tree', '--no-deploy', '--ref', 'all', spec]);
    await checkoutPlain(sysroot, staged?.checksum ?? '', place('ours'));
    await checkoutPlain(sysroot, 'all', place('fresh'));
    expect(differences(place('theirs'), place('ours'))).toBe('');
    expect(differences(place('fresh'), place('ours'), ORDER)).toBe('');
    const read = (file: string) => fs.readFileSync(`${place('ours')}${file}`, 'utf8');
    expect(read('/usr/share/first/diverted')).toBe('of the second\n');
    expect(read('/usr/share/first/replaced')).toBe('of the replacing\n');
    expect(read('/usr/share/first/seen')).toBe('a\nb\n');
    expect(fs.statSync(`${place('ours')}/usr/share/first/overridden`).mode & 0o7777).toBe(0o4750);
    expect((await aptLayerMust(sysroot, ['run', '--', 'dpkg', '--audit'])).stdout).toBe('');
    for (const name of ['theirs', 'ours', 'fresh']) fs.rmSync(place(name), { recursive: true });
  },
  600_000,
);
