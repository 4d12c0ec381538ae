import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { killIfAlive, must } from '../support/command.ts';
import { ATTEMPTS, type Treasure, treasure } from '../support/escape.ts';
import { unpackHostileBase } from '../support/hostile-base.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayerMust } from '../support/program.ts';
import { repositories } from '../support/system.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

/** All that apt, dpkg and debconf run of an image while packages are resolved and configured. */
const PLACES = [
  ...['apt-get', 'chroot', 'dash', 'dpkg', 'library'],
  ...['AptCli::Hooks::Install', 'Dir::Bin::methods'],
  ...['dpkg-pre-invoke', 'dpkg-post-invoke', 'dpkg-status-logger', 'confmodule', 'debconf-frontend'],
];

let host: Treasure;
let repository: Archive;
let directory: TemporaryDirectory;
/** What each attempt said it got, each time. */
let said: { place: string; attempt: string; result: string }[];

/** Processes that an attempt left behind. */
function left(): number[] {
  const name = `${host.mark}-left`;
  return fs.readdirSync('/proc').flatMap(pid => {
    const file = `/proc/${pid}/cmdline`;
    return /^\d+$/.test(pid) && fs.existsSync(file) && fs.readFileSync(file, 'latin1').startsWith(name)
      ? [Number(pid)]
      : [];
  });
}

beforeAll(async () => {
  host = await treasure();
  repository = await archive([
    {
      name: 'asking',
      depends: ['debconf'],
      control: { templates: 'Template: asking/name\nType: string\nDefault: nobody\nDescription: A name\n' },
      scripts: {
        config: '. /usr/share/debconf/confmodule\ndb_input high asking/name || :\ndb_go || :',
        postinst: '. /usr/share/debconf/confmodule\ndb_get asking/name',
      },
    },
  ]);
  directory = temporaryDirectory('hostile');
  const root = directory.join('root');
  await unpackHostileBase(root, host);
  const sysroot = directory.join('sysroot');
  await aptLayerMust(sysroot, ['image', 'import', root, '--ref', 'hostile']);
  const spec = directory.join('spec.yaml');
  fs.writeFileSync(
    spec,
    `name: test\nbase-image: local://hostile\n${repositories(repository)}layers: [asking]\n`,
  );
  const program = [process.execPath, path.join(CHECKOUT, 'bin/apt-layer'), '--sysroot', sysroot];
  await host.asUser([...program, 'compose', 'tree', spec]);
  const logs = fs
    .readdirSync(`${sysroot}/state/transactions`)
    .map(id => `${sysroot}/state/transactions/${id}/log`);
  said = logs
    .filter(file => fs.existsSync(file))
    .flatMap(file => fs.readFileSync(file, 'utf8').split('\n'))
    .flatMap(line => {
      const [, place = '', attempt = '', result = ''] = /^hostile (\S+): ([\w-]+): (.*)$/.exec(line) ?? [];
      return place === '' ? [] : [{ place, attempt, result }];
    });
});
afterAll(async () => {
  await directory[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

it('runs in each place of a base that a build runs anything of', () => {
  expect([...new Set(said.map(({ place }) => place))].sort()).toEqual([...PLACES].sort());
});

it.each(PLACES)('gets nothing of the host: %s', name => {
  const here = said.filter(({ place, attempt }) => place === name && attempt !== 'outlive');
  expect([...new Set(here.map(({ attempt }) => attempt))]).toEqual(Object.keys(host.control));
  for (const { attempt, result } of here) expect(result, attempt).toMatch(/^nothing /);
});

it('leaves no process behind, as the same program of root outside does', async () => {
  const attempts = said.filter(({ attempt }) => attempt === 'outlive');
  expect(new Set(attempts.map(({ result }) => result))).toEqual(new Set(['got a process']));
  expect(left()).toEqual([]);
  await must('perl', [ATTEMPTS, 'outlive', `${host.mark}-left`]);
  try {
    // It gets its name a moment after it was started.
    await expect.poll(left, { timeout: 10_000 }).toHaveLength(1);
  } finally {
    for (const pid of left()) killIfAlive(pid, 'SIGKILL');
  }
});
