import fs from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextEntries } from '../../src/engine/context-entries.ts';
import { buildImage, contextDigest, openContext } from '../../src/engine/index.ts';
import { toText } from '../../src/formats/bytes/index.ts';
import { S_IFMT, S_IFREG } from '../../src/formats/tree/index.ts';
import { createRunner } from '../../src/process/index.ts';
import { openImage } from '../../src/registry/index.ts';
import { type Archive, archive } from '../support/archive.ts';
import { must } from '../support/command.ts';
import { engineEnvironment, engineIsMissing } from '../support/engines.ts';
import { testHost } from '../support/host.ts';
import { aptLayer } from '../support/program.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { type LocalSystem, localSystem, repositories } from '../support/system.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const SECRET = 'a-value-for-nobody';
const MISSING = engineIsMissing('podman') ?? engineIsMissing('buildah');

let repository: Archive;
let registry: Registry;
let system: LocalSystem;
let environment: Record<string, string>;
/** `HOST/min:stable`, which the Containerfile is FROM. */
let from: string;
let layout: string;

const run = (sysroot: string, args: readonly string[], env = environment) =>
  aptLayer(sysroot, ['--tls-verify', 'false', ...args], { env });
const runMust = async (sysroot: string, args: readonly string[], env = environment) => {
  const result = await run(sysroot, args, env);
  expect(result.code, `${args.join(' ')}:\n${result.stderr}`).toBe(0);
  return result;
};
/** docker has no daemon here: what needs an engine fails with 4. */
const NO_ENGINE = ['--engine', 'docker'];

const send = () =>
  must('skopeo', ['copy', '--quiet', '--dest-tls-verify=false', `oci:${layout}:image`, `docker://${from}`]);

/** A context with a Containerfile of two steps. */
function context(name: string): string {
  const path = system.directory.join(name);
  fs.mkdirSync(`${path}/ignored`, { recursive: true });
  fs.writeFileSync(
    `${path}/Containerfile`,
    `FROM ${from}\nARG VALUE=none\nRUN echo "$VALUE, $(date +%s%N)" > /etc/made-by-a-step\nCOPY . /usr/share/copied\n`,
  );
  fs.writeFileSync(`${path}/file`, 'one\n');
  fs.writeFileSync(`${path}/ignored/file`, 'one\n');
  fs.writeFileSync(`${path}/.containerignore`, 'ignored\nContainerfile\n');
  return path;
}
const spec = (name: string, base: string, more = '') =>
  system.spec(name, `name: server\nbase-image: ${base}\n${repositories(repository)}${more}`);

interface Deployment {
  readonly id: string;
  readonly checksum: string;
  readonly packages: readonly string[];
  readonly 'base-checksum': string;
}
const first = async (sysroot: string): Promise<Deployment | undefined> =>
  ((await runMust(sysroot, ['status', '--json'])).json() as { deployments: Deployment[] }).deployments[0];
interface LockedBase {
  readonly request: string;
  readonly digest: string;
  readonly context: string;
}
const lockOf = (path: string) => (JSON.parse(fs.readFileSync(path, 'utf8')) as { base: LockedBase }).base;
const inSystem = async (sysroot: string, command: string) =>
  (await runMust(sysroot, ['run', '--', 'sh', '-ec', command])).stdout;

describe.skipIf(MISSING !== undefined)(
  `images of Containerfiles${MISSING === undefined ? '' : `: ${MISSING}`}`,
  () => {
    beforeAll(async () => {
      [repository, registry] = await Promise.all([
        archive([{ name: 'app', version: '1', files: { '/usr/share/app': 'app 1' } }]),
        startRegistry(),
      ]);
      system = await localSystem(repository);
      from = `${registry.host}/min:stable`;
      layout = system.directory.join('layout');
      environment = engineEnvironment(system.directory.path, 'engines');
      await runMust(system.pristine, ['export', 'local://min', `oci:${layout}:image`]);
      await send();
    });
    afterAll(async () => {
      await registry?.[Symbol.asyncDispose]();
      await system?.[Symbol.asyncDispose]();
      await repository?.[Symbol.asyncDispose]();
    });

    it('are built by podman and by buildah, and become bases: each layer is read once', async () => {
      const sysroot = system.directory.join('built');
      const path = context('built-context');
      const build = ['build', path, '--build-arg', `VALUE=${SECRET}`, '--json'];
      interface Built {
        readonly image: string;
        readonly engine: string;
        readonly layers: { readonly all: number; readonly imported: number };
      }
      const podman = (await runMust(sysroot, [...build, '--ref', 'my/base'])).json() as Built;
      expect(podman).toMatchObject({ engine: 'podman', ref: 'my/base' });
      expect(podman.layers.imported).toBe(podman.layers.all);
      const buildah = (
        await runMust(sysroot, [...build, '--engine', 'buildah', '--no-cache'])
      ).json() as Built;
      // The step was done again, and is in a layer with what comes after it; those of FROM are known.
      expect(buildah).toMatchObject({ engine: 'buildah', layers: { all: podman.layers.all, imported: 2 } });
      expect(buildah.image).not.toBe(podman.image);

      await runMust(sysroot, ['compose', 'tree', spec('on-built', 'local://my/base', 'layers: [app]\n')]);
      const seen = await inSystem(sysroot, 'cat /etc/made-by-a-step /usr/share/app; ls -A /usr/share/copied');
      expect(seen).toMatch(new RegExp(`^${SECRET}, \\d+\napp 1.containerignore\nfile\n$`));
      // Not even root finds the value in what was written down.
      const { stdout } = await must('grep', ['-rlF', '--', SECRET, `${sysroot}/state/transactions`]).then(
        stdout => ({ stdout }),
        () => ({ stdout: 'nowhere' }),
      );
      expect(stdout).toBe('nowhere');
      const log = await runMust(sysroot, ['log']);
      expect(log.stdout).toContain("--build-arg 'VALUE=***'");
    });

    describe('that a spec names', () => {
      let sysroot: string;
      let path: string;
      let file: string;

      beforeAll(async () => {
        sysroot = system.directory.join('composed');
        path = context('composed-context');
        const base = `{containerfile: ./composed-context/Containerfile, build-args: {VALUE: ${SECRET}}}`;
        file = spec('composed', base, 'layers: [app]\n');
        await runMust(sysroot, ['compose', 'lock', file]);
        await runMust(sysroot, ['compose', 'tree', file]);
      });

      it('are in the lock, and nothing that anybody may read has the arguments', async () => {
        const deployment = await first(sysroot);
        const directory = `${sysroot}/state/deploy/${deployment?.id}`;
        expect(lockOf(`${directory}/lock.json`)).toEqual(lockOf(`${file}.lock.json`));
        expect(lockOf(`${directory}/lock.json`)).toMatchObject({
          request: `containerfile:${path}/Containerfile`,
          digest: deployment?.['base-checksum'],
          context: expect.stringMatching(/^[0-9a-f]{64}$/),
        });
        const shown = fs.readFileSync(`${directory}/public.json`, 'utf8');
        expect(shown).toContain('composed-context/Containerfile');
        expect(shown).not.toContain(SECRET);
        expect(shown).not.toContain(lockOf(`${directory}/lock.json`).context);
      });

      it('are not built again while what engines see of the context is the same', async () => {
        fs.writeFileSync(`${path}/ignored/file`, 'two\n');
        fs.utimesSync(`${path}/file`, 1, 1);
        const again = await runMust(sysroot, [...NO_ENGINE, 'compose', 'tree', file, '--locked']);
        expect(again.stdout).toBe('Nothing changed.\n');
        // Also where there is no lock.
        const other = system.directory.join('no-lock.yaml');
        fs.copyFileSync(file, other);
        await runMust(sysroot, [...NO_ENGINE, 'compose', 'tree', other]);
        fs.chmodSync(`${path}/file`, 0o755);
        expect(await run(sysroot, [...NO_ENGINE, 'compose', 'tree', file])).toMatchObject({
          code: 4,
          stderr: expect.stringMatching(/docker .* daemon does not answer, and --engine names it/),
        });
      });

      it('stay what they are for changes of a deployment, and a lock refuses another context', async () => {
        await runMust(sysroot, [...NO_ENGINE, 'unlayer', 'app']);
        await runMust(sysroot, [...NO_ENGINE, 'layer', 'app']);
        expect(await run(sysroot, ['compose', 'tree', file, '--locked'])).toMatchObject({
          code: 3,
          stderr: expect.stringMatching(/the lock is of other files: .*composed-context.* changed since/),
        });
        fs.chmodSync(`${path}/file`, 0o644);
        await runMust(sysroot, ['cleanup', '--keep', '1']);
        await runMust(sysroot, [...NO_ENGINE, 'unlayer', 'app']);
        await runMust(sysroot, [...NO_ENGINE, 'layer', 'app']);
      });

      it('are compared with the lock where the store does not have them', async () => {
        // The engine has all layers, so it is the same image; elsewhere the step writes another time.
        const empty = system.directory.join('empty');
        const here = await runMust(empty, ['compose', 'tree', file, '--locked', '--no-deploy', '--json']);
        const { checksum } = (await first(sysroot)) as Deployment;
        expect((here.json() as { image: string }).image).toBe(checksum);
        const machine = engineEnvironment(system.directory.path, 'elsewhere');
        const elsewhere = system.directory.join('elsewhere-sysroot');
        expect(
          await run(elsewhere, ['compose', 'tree', file, '--locked', '--no-deploy'], machine),
        ).toMatchObject({
          code: 6,
          stderr: expect.stringMatching(
            /the image that was built of .* is [0-9a-f]{12}, and the lock has [0-9a-f]{12}/,
          ),
        });
        const free = await runMust(elsewhere, ['compose', 'tree', file, '--no-deploy'], machine);
        expect(free.stderr).toMatch(/warning: the image that was built of .* and the lock has/);
      });

      it('are built again by upgrade, when an image of FROM is another one', async () => {
        const before = await first(sysroot);
        const none = await run(sysroot, [...NO_ENGINE, 'upgrade', '--check', '--unchanged-exit-77']);
        expect([none.code, none.stdout]).toEqual([77, 'No upgrade is available.\n']);
        const same = await run(sysroot, ['upgrade', '--unchanged-exit-77']);
        expect([same.code, (await first(sysroot))?.id]).toEqual([77, before?.id]);
        fs.writeFileSync(system.directory.join('newer'), 'newer\n');
        await must('umoci', [
          'insert',
          '--image',
          `${layout}:image`,
          system.directory.join('newer'),
          '/usr/share/newer',
        ]);
        await send();
        const check = await runMust(sysroot, [...NO_ENGINE, 'upgrade', '--check']);
        expect(check.stdout).toContain(
          `Base: containerfile:${path}/Containerfile would be built again: ${from} is another image in its registry\n`,
        );
        await runMust(sysroot, ['upgrade']);
        expect(await inSystem(sysroot, 'cat /usr/share/newer')).toBe('newer\n');
        expect((await first(sysroot))?.packages).toEqual(before?.packages);
      });

      it('stay where the context is gone, and go by rebase, which comes back to them, too', async () => {
        const before = await first(sysroot);
        fs.renameSync(path, `${path}-aside`);
        const upgrade = await run(sysroot, [...NO_ENGINE, 'upgrade', '--unchanged-exit-77']);
        expect(upgrade).toMatchObject({
          code: 77,
          stderr: expect.stringMatching(/the base stays the image that this system has/),
        });
        fs.renameSync(`${path}-aside`, path);
        await runMust(sysroot, ['import', `oci:${layout}:image`, '--ref', 'min']);
        await runMust(sysroot, ['rebase', 'local://min']);
        expect((await first(sysroot))?.['base-checksum']).not.toBe(before?.['base-checksum']);
        await runMust(sysroot, ['rebase', `containerfile:${path}/Containerfile`]);
        expect(await inSystem(sysroot, 'cat /etc/made-by-a-step /usr/share/app')).toMatch(
          /^none, \d+\napp 1$/,
        );
      });
    });

    it('are refused with the step that failed, and nothing is left of them', async () => {
      const sysroot = system.directory.join('failing');
      const path = context('failing-context');
      fs.writeFileSync(`${path}/Bad`, `FROM ${from}\nARG VALUE\nRUN echo it is $VALUE; ls /not-there\n`);
      const failed = await run(sysroot, [
        'build',
        path,
        '-f',
        `${path}/Bad`,
        '--build-arg',
        `VALUE=${SECRET}`,
      ]);
      expect(failed.code).toBe(5);
      expect(failed.stderr).toMatch(
        /podman cannot build .*\/Bad:\nSTEP 3\/3: RUN .*\nit is \*\*\*\nls: .*not-there/,
      );
      expect(failed.stderr).not.toContain(SECRET);
      expect(fs.readdirSync(`${sysroot}/composefs/images`)).toEqual(['refs']);
      fs.symlinkSync('/etc/shadow', `${path}/Linked`);
      expect(await run(sysroot, ['build', path, '-f', `${path}/Linked`])).toMatchObject({ code: 3 });
      expect(await run(sysroot, ['build', '-n', path])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^podman \S+ would build an image of 4 files/),
      });
    });

    it('have those files of the context that the digest is of, whatever is ignored', async () => {
      await using scratch = temporaryDirectory('ignored');
      const host = testHost({
        registries: { ...testHost().registries, environment },
      });
      const files = [
        'a',
        'a.md',
        'dir/a',
        'dir/b.md',
        'dir/sub/c',
        'dir/sub/d.md',
        'other/[x]',
        'other/y z',
        '.hidden/e',
      ];
      const rules = [
        '**/*.md\n!dir/b.md',
        'dir\n!dir/sub/c',
        '*\n!other/**\n!dir/sub',
        '*/a\n[a-b]\n**/d.*',
        '/dir/\n.hid*n\nother/\\[x]',
      ];
      for (const [index, text] of rules.entries()) {
        const path = `${scratch.path}/${index}`;
        for (const name of files) {
          fs.mkdirSync(dirname(`${path}/tree/${name}`), { recursive: true });
          fs.writeFileSync(`${path}/tree/${name}`, name);
        }
        fs.writeFileSync(`${path}/tree/.dockerignore`, text);
        fs.writeFileSync(`${path}/Containerfile`, 'FROM scratch\nCOPY . /\n');
        const open = openContext(host, {
          context: `${path}/tree`,
          containerfile: `${path}/Containerfile`,
          buildArguments: {},
        });
        const { digest } = await contextDigest(host, open);
        const reference = await buildImage(host, {
          ...{
            engine: { name: 'buildah', version: '1' },
            context: open,
            digest,
            directory: `${path}/work`,
            authFile: undefined,
          },
          ...{ pull: 'never', fresh: false, onOutput: () => undefined, logPath: '' },
        });
        const { found } = await openImage(host, { reference, stage: `${path}/stage` });
        const id = 'name' in reference ? (reference.name ?? '').slice(1) : '';
        const container = (await must('buildah', ['from', '--quiet', id], { env: environment })).trim();
        const mounted = (await must('buildah', ['mount', container], { env: environment })).trim();
        const copied = (await must('find', [mounted, '-type', 'f', '-printf', '/%P\n']))
          .trim()
          .split('\n')
          .sort();
        await must('buildah', ['rm', container], { env: environment });
        const own: string[] = [];
        for await (const { path: name, mode } of contextEntries(host, open))
          if ((mode & S_IFMT) === S_IFREG) own.push(toText(name));
        expect(own.sort(), text).toEqual(copied);
        expect(found.layers).toHaveLength(1);
      }
    });
  },
);

// The daemon of docker does not run where tests do: this holds what it is asked for, and that its archive can be read.
it.skipIf(engineIsMissing('buildah') !== undefined)('docker is asked to build and to save', async () => {
  await using scratch = temporaryDirectory('docker');
  const { path } = scratch;
  const own = engineEnvironment(path, 'docker');
  fs.mkdirSync(`${path}/bin`);
  // What it builds, buildah builds.
  const lines = [
    '#!/bin/sh -e',
    `printf '%s\\n' "$@" --- >> ${path}/asked`,
    'case $1 in',
    `build) for word; do case $word in --iidfile=*) id=\${word#*=};; --file=*) file=\${word#*=};; esac; context=$word; done`,
    `  exec buildah build --iidfile="$id" --file="$file" "$context";;`,
    `save) exec skopeo copy --quiet containers-storage:@"\${3#sha256:}" docker-archive:"\${2#--output=}";;`,
    'esac',
  ];
  fs.writeFileSync(`${path}/bin/docker`, `${lines.join('\n')}\n`, { mode: 0o755 });
  fs.mkdirSync(`${path}/context`);
  fs.writeFileSync(`${path}/context/Dockerfile`, 'FROM scratch\nCOPY . /\n');
  const host = testHost({
    runner: createRunner({ environment: { PATH: `${path}/bin:${process.env['PATH']}` } }),
    registries: { ...testHost().registries, environment: own },
  });
  const open = openContext(host, {
    ...{
      context: `${path}/context`,
      containerfile: `${path}/context/Dockerfile`,
      buildArguments: { A: 'b' },
    },
  });
  const { digest } = await contextDigest(host, open);
  const reference = await buildImage(host, {
    ...{
      engine: { name: 'docker', version: '28' },
      context: open,
      digest,
      directory: `${path}/work`,
      authFile: undefined,
    },
    ...{ pull: 'newer', fresh: true, onOutput: () => undefined, logPath: '' },
  });
  expect(reference).toEqual({ transport: 'docker-archive', path: `${path}/work/image.tar` });
  const { found } = await openImage(host, { reference, stage: `${path}/stage` });
  expect(found.layers).toHaveLength(1);
  expect(fs.readFileSync(`${path}/asked`, 'utf8')).toMatch(
    new RegExp(
      `^build\n--no-cache\n--iidfile=${path}/work/id\n--file=${path}/context/Dockerfile\n--build-arg=A\n${path}/context\n---\n` +
        `save\n--output=${path}/work/image.tar\nsha256:[0-9a-f]{64}\n---\n$`,
    ),
  );
});
