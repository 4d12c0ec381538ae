import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { execute, must } from '../support/command.ts';
import { aptLayerAsNobody, asNobody, cannotRunAsNobody } from '../support/nobody.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories } from '../support/system.ts';

/** Planted, each where the program meets it. */
const SECRETS = {
  short: 'q7Zk',
  inline: `inline-secret-${'i'.repeat(46)}`,
  large: 'large-secret-51f2',
  hash: '$y$j9T$secrethash$tTTtsecretTTTT',
  debconf: 'debconf-secret-8812',
  argument: 'argument-secret-3321',
  script: 'script-secret-7765',
  input: 'input-secret-9090',
  address: 'address-secret-4417',
} as const;

let repository: Archive;
let system: LocalSystem;
let sysroot: string;
const ids: string[] = [];

/** Everything that nobody can read below a directory, names included. */
const READ_ALL =
  'find . -print0 2>/dev/null; find . -type f -exec cat {} + 2>/dev/null; find . -type l -exec readlink {} + 2>/dev/null';

beforeAll(async () => {
  repository = await archive([
    { name: 'tool', version: '1', fields: { Depends: 'part', Section: 'editors', 'Installed-Size': '12' } },
    { name: 'part', version: '1' },
    { name: 'other', version: '1' },
    { name: 'further', version: '1' },
  ]);
  system = await localSystem(repository);
  sysroot = await system.copy('open');
  const large = system.directory.join('large');
  fs.writeFileSync(large, SECRETS.large.padEnd(1_000_000, SECRETS.large));
  fs.chmodSync(large, 0o600);
  const input = system.directory.join('input');
  fs.writeFileSync(input, SECRETS.input, { mode: 0o600 });
  const text = `name: test
base-image: local://min
${repositories(repository)}layers: [tool]
files:
  - {path: /etc/short, content: "${SECRETS.short}", mode: "0600"}
  - {path: /etc/inline, content: "${SECRETS.inline}", mode: "0600"}
  - {path: /etc/large, source: ${large}, mode: "0600"}
  - {path: /etc/apt/sources.list.d/own.sources, content: ${JSON.stringify(sourceWithLogin())}, mode: "0600"}
  - {path: /etc/hash, content: "root:${SECRETS.hash}:1:0:99999:7:::", mode: "0640"}
debconf:
  - part part/password password ${SECRETS.debconf}
scripts:
  - name: setup
    run: "true ${SECRETS.script}"
    inputs: [${input}]
kernel-arguments: [quiet, console=ttyS0]
`;
  await aptLayerMust(sysroot, ['compose', 'tree', system.spec('secrets', text)]);
  await aptLayerMust(sysroot, ['kargs', `--append=password=${SECRETS.argument}`]);
  await aptLayerMust(sysroot, ['layer', 'other']);
  // What has its login in the image is fetched with it.
  await aptLayerMust(sysroot, ['search', '--refresh', 'tool']);
  // Those that fail, with what they were given in their words.
  const withLogin = text.replace(`["${repository.url}`, `["${addressWithLogin()}`);
  const refused = await aptLayer(sysroot, ['compose', 'tree', system.spec('login', withLogin)]);
  expect(refused).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('must not hold a user name') as string,
  });
  await aptLayer(sysroot, ['kargs', `--delete=${SECRETS.argument}`]);
  const status = (await aptLayerMust(sysroot, ['status', '--json'])).json() as {
    deployments: { id: string }[];
  };
  ids.push(...status.deployments.map(one => one.id));
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

/** The verbs that anybody may use, each with what its answer must have. */
const VERBS: readonly (readonly [string, RegExp])[] = [
  ['status', /test-\d/],
  ['status -v', /tool_1_all|tool_1_amd64/],
  ['log', /compose tree/],
  ['diff 1 0', /Added \(1 package\):\n {2}other/],
  ['diff 2 1', /\+ password=\*\*\*/],
  ['db list', /^tool +1/m],
  ['db diff 1 0', /other/],
  ['compose explain part', /tool --\[Depends: part\]--> part/],
  ['kargs', /console=ttyS0 +spec\npassword=\*\*\* +spec/],
  ['override list', /Nothing is overridden/],
  ['search ^tool$', /^tool \[layered\] - /],
  ['search ^part$', /^part \[installed\] - /],
  ['search ^further$', /^further - /],
];

describe.skipIf(cannotRunAsNobody() !== undefined)(
  `without root (${cannotRunAsNobody() ?? 'as nobody'})`,
  () => {
    it.each(VERBS)('%s', async (verb, expected) => {
      const text = await aptLayerAsNobody(sysroot, verb.split(' '));
      expect(text).toMatchObject({ code: 0, stdout: expect.stringMatching(expected) as string });
      const json = await aptLayerAsNobody(sysroot, [...verb.split(' '), '--json']);
      expect(json.code).toBe(0);
      expect(() => JSON.parse(json.stdout) as unknown).not.toThrow();
      for (const secret of Object.values(SECRETS))
        expect(text.stdout + text.stderr + json.stdout + json.stderr).not.toContain(secret);
    });

    it('says the same of packages as root does', async () => {
      for (const verb of [
        ['db', 'list', '--json'],
        ['db', 'diff', '2', '0', '--json'],
        ['compose', 'explain', 'part', '--json'],
      ])
        expect((await aptLayerAsNobody(sysroot, verb)).stdout).toBe(
          (await aptLayerMust(sysroot, verb)).stdout,
        );
    });

    it('searches the lists there are as root does, says how old they are, and fetches none', async () => {
      for (const words of [['^tool$'], ['^dpkg$'], ['^f', 'r$'], ['nothing-like-this']]) {
        const verb = ['search', ...words, '--json'];
        expect((await aptLayerAsNobody(sysroot, verb)).stdout).toBe(
          (await aptLayerMust(sysroot, verb)).stdout,
        );
      }
      const old = await system.copy('old-lists');
      await aptLayerMust(old, ['refresh-md']);
      const caches = fs.readdirSync(`${old}/cache/apt`).filter(name => name.startsWith('archives-'));
      const threeDays = Math.floor(Date.now() / 1000) - 3 * 86_400;
      for (const name of caches) fs.writeFileSync(`${old}/cache/apt/${name}/updated`, `${threeDays}`);
      const found = await aptLayerAsNobody(old, ['search', 'further']);
      expect(found).toMatchObject({ code: 0, stdout: expect.stringMatching(/^further - /) as string });
      expect(found.stderr).toContain('package lists are 3 days old');
      for (const [option = '', ...value] of [['--refresh'], ['--disable-repo', 'test']]) {
        const refused = await aptLayerAsNobody(old, ['search', option, ...value, 'further']);
        expect(refused).toMatchObject({ code: 1, stdout: '' });
        expect(refused.stderr).toContain(`hint: run it with sudo, or without ${option}`);
      }
      for (const name of caches) fs.rmSync(`${old}/cache/apt/${name}`, { recursive: true });
      const none = await aptLayerAsNobody(old, ['search', 'further']);
      expect(none.code).toBe(1);
      expect(none.stderr).toMatch(
        /there are no package lists of test-\S+ .*\nhint: `sudo apt-layer refresh-md`/,
      );
      await aptLayerMust(old, ['refresh-md']);
      const again = await aptLayerAsNobody(old, ['search', 'further']);
      expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^further - /) as string });
    });

    it('writes nothing, and does not wait for who holds the lock', async () => {
      const before = await asNobody('bash', [
        '-c',
        `cd ${sysroot} && find . -printf '%p %T@ %m\\n' 2>/dev/null | sort`,
      ]);
      for (const [verb] of VERBS) await aptLayerAsNobody(sysroot, verb.split(' '));
      const after = await asNobody('bash', [
        '-c',
        `cd ${sysroot} && find . -printf '%p %T@ %m\\n' 2>/dev/null | sort`,
      ]);
      expect(after.stdout).toBe(before.stdout);
      expect(before.stdout).toContain('public.json');
    });

    it.each([
      ['image ls', 'composefs'],
      ['diff 1 0 --files', 'composefs'],
      ['db diff 1 0 --changelogs', 'composefs'],
      ['db list local://min', 'composefs'],
      ['fsck', 'state'],
    ])('%s says which path needs root', async (verb, place) => {
      const { code, stdout, stderr } = await aptLayerAsNobody(sysroot, [...verb.split(' '), '--json']);
      expect({ code, stderr }).toMatchObject({ code: 1 });
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'PERMISSION', exitCode: 1 } });
      if (verb !== 'fsck') expect(stderr).toContain(`${sysroot}/${place}`);
    });

    it('works where nothing can be written at all', async () => {
      const point = system.directory.join('read-only');
      fs.mkdirSync(point);
      await must('mount', ['--bind', sysroot, point]);
      try {
        await must('mount', ['-o', 'remount,bind,ro', point]);
        expect(() => fs.writeFileSync(`${point}/probe`, '')).toThrow(/EROFS/);
        for (const [verb, expected] of VERBS) {
          const { code, stdout, stderr } = await aptLayerAsNobody(point, verb.split(' '));
          expect({ verb, code, stdout, stderr }).toMatchObject({
            code: 0,
            stdout: expect.stringMatching(expected) as string,
          });
        }
      } finally {
        await must('umount', [point]);
      }
    });

    it('a boot directory that is closed stops only who needs it, and says so', async () => {
      const closed = await system.copy('closed-boot');
      await aptLayerMust(closed, ['layer', 'other']);
      fs.mkdirSync(`${closed}/boot`, { mode: 0o700 });
      const bootloader = {
        version: 1,
        loader: 'systemd-boot',
        boot: { path: '/boot' },
        arguments: ['root=UUID=1'],
        verity: false,
      };
      for (const [name, mode] of [
        ['bootloader', 0o600],
        ['bootloader-public', 0o644],
      ] as const)
        fs.writeFileSync(`${closed}/state/${name}.json`, JSON.stringify(bootloader), { mode });
      for (const [verb, expected] of [
        ['status -v', /Base: local:\/\/min/],
        ['rollback -n', /would become the default/],
        ['deploy 1 -n', /would become the default/],
      ] as const) {
        const { code, stdout, stderr } = await aptLayerAsNobody(closed, verb.split(' '));
        expect({ verb, code, stdout, stderr }).toMatchObject({
          code: 0,
          stdout: expect.stringMatching(expected) as string,
        });
      }
      for (const verb of ['rollback', 'bootloader status', 'layer -n part']) {
        const { code, stdout, stderr } = await aptLayerAsNobody(closed, verb.split(' '));
        const name = verb.replace(/ (-n|part).*/, '');
        expect({ verb, code, stdout, stderr }).toEqual({
          ...{ verb, code: 1, stdout: '' },
          stderr: expect.stringMatching(`^error: ${name} needs root\nhint: run it with sudo`) as string,
        });
      }
    });

    it('etc diff shows what can be read, and names what cannot', async () => {
      const machine = system.directory.join('etc-diff');
      await must('cp', ['--archive', '--reflink=auto', sysroot, machine]);
      const [{ id = '' } = {}] = (
        (await aptLayerMust(machine, ['status', '--json'])).json() as { deployments: { id: string }[] }
      ).deployments;
      const etc = `${machine}/state/deploy/${id}/etc`;
      const drift = async (run: (verb: readonly string[]) => Promise<{ stdout: string; code: number }>) => {
        const { code, stdout } = await run(['etc', 'diff', '--json']);
        const { changes, needsRoot } = JSON.parse(stdout) as {
          changes: { path: string; change: string; what: string[] }[];
          needsRoot: string[];
        };
        const lines = changes.map(one => [one.change, one.path, ...one.what].join(' '));
        return { code, changes: lines, needsRoot };
      };
      const untouched = await drift(verb => aptLayerAsNobody(machine, verb));
      // Closed in the image: files of mode 0600 and 0640. All that is open is the same.
      expect(untouched).toMatchObject({ code: 1, changes: [] });
      expect(untouched.needsRoot).toEqual(expect.arrayContaining(['/etc/short', '/etc/large', '/etc/hash']));
      fs.writeFileSync(`${etc}/issue`, 'mine');
      fs.writeFileSync(`${etc}/short`, 'mine, closed');
      fs.chmodSync(`${etc}/large`, 0o644);
      fs.chmodSync(`${etc}/debian_version`, 0o600);
      fs.writeFileSync(`${etc}/new`, '', { mode: 0o600 });
      fs.mkdirSync(`${etc}/closed`, { mode: 0o700 });
      fs.writeFileSync(`${etc}/closed/below`, '');
      fs.chmodSync(`${etc}/dpkg`, 0o711);
      fs.rmSync(`${etc}/host.conf`);
      fs.writeFileSync(`${etc}/big`, Buffer.alloc(100_000), { mode: 0o600 });
      const seen = await drift(verb => aptLayerAsNobody(machine, verb));
      const shown = [
        ...['added /etc/big', 'added /etc/closed', 'changed /etc/debian_version mode'],
        ...['changed /etc/dpkg mode', 'removed /etc/host.conf', 'changed /etc/issue content'],
        ...['changed /etc/large mode', 'added /etc/new'],
      ].map(line => line.replace('/etc/', '/'));
      expect(seen).toMatchObject({ code: 1, changes: shown });
      const more = ['/etc/closed', '/etc/debian_version', '/etc/dpkg'];
      expect(seen.needsRoot).toEqual([...untouched.needsRoot, ...more].sort());
      const all = await drift(verb => aptLayer(machine, verb));
      expect(all).toMatchObject({ code: 0, needsRoot: [] });
      expect(all.changes).toEqual(expect.arrayContaining(['added /closed/below', 'changed /short content']));
      expect(all.changes.filter(line => !shown.includes(line))).toHaveLength(2);
      const text = await aptLayerAsNobody(machine, ['etc', 'diff']);
      expect(text.stdout).toContain('M /etc/issue (content)\n');
      expect(text.stdout).toContain('? /etc/short (needs root)\n');
      expect(text.stderr).toMatch(/^warning: \d+ paths need root to be compared: run it with sudo\n$/);
    });

    it('finds no secret by any path; root finds each', async () => {
      const found = await asNobody('bash', ['-c', `cd ${sysroot} && { ${READ_ALL}; } | cat -v`]);
      // Reading reaches the records, so that finding nothing means something.
      expect(found.stdout).toContain('kernelArguments');
      expect(found.stdout).toContain('tool');
      for (const [name, secret] of Object.entries(SECRETS))
        expect({ name, isRead: found.stdout.includes(secret) }).toEqual({ name, isRead: false });
      const all = fs
        .readdirSync(sysroot, { recursive: true, encoding: 'latin1', withFileTypes: true })
        .filter(one => one.isFile())
        .map(one => fs.readFileSync(path.join(one.parentPath, one.name), 'latin1'))
        .join('\n');
      for (const [name, secret] of Object.entries(SECRETS))
        expect({ name, isThere: all.includes(secret) }).toEqual({ name, isThere: true });
    });

    it('what an older program made is closed, and gets its record, at the next change', async () => {
      const older = await system.copy('older');
      const [id = ''] = fs.readdirSync(`${older}/state/deploy`);
      const directory = `${older}/state/deploy/${id}`;
      fs.rmSync(`${directory}/public.json`);
      fs.rmSync(`${directory}/etc.json`);
      for (const name of ['spec.yaml', 'lock.json', 'deployment.json'])
        fs.chmodSync(`${directory}/${name}`, 0o644);
      // Set-uid programs of an image, which are not for users of the machine that builds it.
      expect(fs.statSync(`${older}/state/os`).mode & 0o777).toBe(0o700);
      fs.chmodSync(`${older}/state/os`, 0o755);
      const [transaction = ''] = fs.readdirSync(`${older}/state/transactions`);
      const past = `${older}/state/transactions/${transaction}`;
      fs.rmSync(`${past}/public.jsonl`);
      fs.chmodSync(`${past}/journal.jsonl`, 0o644);
      expect((await aptLayerAsNobody(older, ['status'])).code).toBe(0);
      expect(await aptLayerAsNobody(older, ['db', 'list'])).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/has no public record.*\nhint: the next change/) as string,
      });
      const drift = ['etc', 'diff', id];
      expect(await aptLayerAsNobody(older, drift)).toMatchObject({
        ...{ code: 1, stdout: '' },
        stderr: expect.stringMatching(/an older apt-layer made .*\nhint: run it with sudo/) as string,
      });
      // Root can look without it.
      expect((await aptLayer(older, drift)).code).toBe(0);
      expect((await aptLayerMust(older, ['db', 'list'])).stdout).toContain('dpkg');
      await aptLayerMust(older, ['pin', '0']);
      expect((await aptLayerAsNobody(older, ['db', 'list'])).stdout).toContain('dpkg');
      expect((await aptLayerAsNobody(older, ['log'])).stdout).toContain('pin');
      expect((await aptLayerAsNobody(older, drift)).stdout).toContain('? /etc/shadow (needs root)');
      const closed = [
        `${directory}/spec.yaml`,
        `${directory}/lock.json`,
        `${directory}/deployment.json`,
        `${past}/journal.jsonl`,
      ];
      expect(closed.map(one => fs.statSync(one).mode & 0o777)).toEqual([0o600, 0o600, 0o600, 0o600]);
      expect(fs.statSync(`${older}/state/os`).mode & 0o777).toBe(0o700);
    });

    it('whatever the umask of who made it', async () => {
      const made = await system.copy('umask');
      fs.rmSync(`${made}/state`, { recursive: true });
      const spec = system.spec('umask', 'name: test\nbase-image: local://min\n');
      const { code, stderr } = await asRootWithUmask(made, ['compose', 'tree', spec]);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(await aptLayerAsNobody(made, ['db', 'list'])).toMatchObject({ code: 0 });
      expect((await aptLayerAsNobody(made, ['log'])).stdout).toContain('compose tree');
    });

    it('images are the same under any umask, and what is exported can be read', async () => {
      const made = await system.copy('umask-image');
      const run = 'mkdir /usr/share/made; echo x >/usr/share/made/x; useradd --create-home maker';
      const text = `base-image: local://min\nscripts: [{name: make, run: "${run}"}]\n`;
      const spec = system.spec('umask-image', text);
      const built = await asRootWithUmask(made, ['--json', 'compose', 'tree', spec]);
      const other = await system.copy('umask-other');
      const plain = await aptLayerMust(other, ['--json', 'compose', 'tree', spec]);
      const { image } = JSON.parse(built.stdout) as { image: string };
      expect(plain.json()).toMatchObject({ image });
      const layout = system.directory.join('umask-layout');
      const exported = await asRootWithUmask(made, ['export', '0', `oci:${layout}`]);
      expect(exported).toMatchObject({ code: 0 });
      const closed = await execute('find', [layout, '!', '-perm', '-444']);
      expect(closed.stdout).toBe('');
    });
  },
);

function addressWithLogin(): string {
  return repository.url.replace('http://', `http://robot:${SECRETS.address}@`);
}

/** A file of sources as an administrator writes it for an archive that wants to know who comes. */
function sourceWithLogin(): string {
  const key = repository.key.armored.trim().replaceAll(/^$/gm, '.').replaceAll('\n', '\n ');
  const address = `URIs: ${addressWithLogin()}\nSuites: ${repository.suite}\nComponents: main\n`;
  return `Types: deb\n${address}Signed-By:\n ${key}\n`;
}

function asRootWithUmask(on: string, args: readonly string[]) {
  const program = [process.execPath, path.join(CHECKOUT, 'bin/apt-layer'), '--sysroot', on, ...args];
  return execute('bash', ['-c', 'umask 077; exec "$@"', 'bash', ...program]);
}
