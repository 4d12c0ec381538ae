import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordingReporter, scratchDirectory, testHost } from '../../tests/support/host.ts';
import { createRunner } from '../process/index.ts';
import { buildCommand } from './arguments.ts';
import { contextDigest, findEngine, openContext } from './index.ts';
import { engineOutput } from './output.ts';

const host = testHost();
const input = (context: string, more = {}) => ({
  context,
  containerfile: `${context}/Containerfile`,
  buildArguments: {},
  ...more,
});
const digestOf = async (context: string, more = {}) =>
  (await contextDigest(host, openContext(host, input(context, more)))).digest;

function contextWith(directory: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries({ Containerfile: 'FROM scratch\n', ...files })) {
    fs.mkdirSync(join(directory, name, '..'), { recursive: true });
    fs.writeFileSync(join(directory, name), text);
  }
  return directory;
}

describe('the digest of a context', () => {
  it.each<[string, (context: string) => void]>([
    ['contents', context => fs.writeFileSync(`${context}/a/b`, 'other')],
    ['a mode', context => fs.chmodSync(`${context}/a/b`, 0o755)],
    ['the mode of a directory', context => fs.chmodSync(`${context}/a`, 0o700)],
    ['a name', context => fs.renameSync(`${context}/a/b`, `${context}/a/c`)],
    ['a new directory', context => fs.mkdirSync(`${context}/d`)],
    ['a link', context => fs.symlinkSync('a', `${context}/l`)],
    ['a FIFO', context => void fs.writeFileSync(`${context}/f`, '')],
    ['the Containerfile', context => fs.appendFileSync(`${context}/Containerfile`, '# x\n')],
    ['what is ignored', context => fs.writeFileSync(`${context}/.dockerignore`, 'none')],
  ])('is another one with other %s', async (_, change) => {
    using scratch = scratchDirectory();
    const context = contextWith(scratch.path, { 'a/b': 'text' });
    const before = await digestOf(context);
    change(context);
    expect(await digestOf(context)).not.toBe(before);
  });

  it('is another one with other arguments, in whatever order they are', async () => {
    using scratch = scratchDirectory();
    const context = contextWith(scratch.path, {});
    const [one, same, other] = [
      await digestOf(context, { buildArguments: { A: '1', B: '2' } }),
      await digestOf(context, { buildArguments: { B: '2', A: '1' } }),
      await digestOf(context, { buildArguments: { A: '1', B: '3' } }),
    ];
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  it('is the same with other times, elsewhere, and with other files that are ignored', async () => {
    using scratch = scratchDirectory();
    using elsewhere = scratchDirectory();
    const files = { 'a/b': 'text', '.containerignore': 'out\n*.log', '.dockerignore': 'a' };
    const [one, other] = [contextWith(scratch.path, files), contextWith(elsewhere.path, files)];
    fs.utimesSync(`${other}/a/b`, 1, 1);
    fs.mkdirSync(`${other}/out`);
    fs.writeFileSync(`${other}/out/x`, '');
    fs.writeFileSync(`${other}/x.log`, '');
    expect(await digestOf(other)).toBe(await digestOf(one));
    fs.writeFileSync(`${other}/in`, '');
    expect(await digestOf(other)).not.toBe(await digestOf(one));
  });

  it('follows no link: what is behind it can be anything', async () => {
    using scratch = scratchDirectory();
    using outside = scratchDirectory();
    const context = contextWith(scratch.path, {});
    fs.writeFileSync(`${outside.path}/secret`, 'one');
    fs.symlinkSync(outside.path, `${context}/directory`);
    fs.symlinkSync(`${outside.path}/secret`, `${context}/file`);
    fs.symlinkSync('.', `${context}/loop`);
    const before = await digestOf(context);
    fs.writeFileSync(`${outside.path}/secret`, 'two');
    expect(await digestOf(context)).toBe(before);
  });

  it.each(['Containerfile', '.dockerignore'])('refuses a %s that is a link out of it', name => {
    using scratch = scratchDirectory();
    const context = contextWith(scratch.path, {});
    fs.rmSync(`${context}/${name}`, { force: true });
    fs.symlinkSync('/etc/passwd', `${context}/${name}`);
    expect(() => openContext(host, input(context))).toThrow(/is a link to a file outside of/);
  });

  it('takes a Containerfile from elsewhere, and a context that is a link', async () => {
    using scratch = scratchDirectory();
    const context = contextWith(`${scratch.path}/context`, { a: 'b' });
    fs.symlinkSync('context', `${scratch.path}/link`);
    fs.symlinkSync('context/Containerfile', `${scratch.path}/file`);
    const given = input(`${scratch.path}/link`, { containerfile: `${scratch.path}/file` });
    const { digest } = await contextDigest(host, openContext(host, given));
    expect(digest).toBe(await digestOf(context));
  });
});

describe('the command of a build', () => {
  it('gives an engine no word of a user as an option, and no value in its arguments', () => {
    using scratch = scratchDirectory();
    const context = contextWith(`${scratch.path}/-v`, { '.dockerignore': 'x', '--net': '' });
    const buildArguments = { PASSWORD: 'of nobody', PATH: '/x', EMPTY: '' };
    const open = openContext(host, { context, containerfile: `${context}/--net`, buildArguments });
    const build = { context: open, idFile: '/id', authFile: '/auth', pull: 'newer', fresh: true } as const;
    const podman = buildCommand(host, { ...build, engine: 'podman' });
    expect(podman.args).toEqual([
      ...['build', '--layers', '--pull=missing', `--ignorefile=${context}/.dockerignore`, '--authfile=/auth'],
      ...['--no-cache', '--iidfile=/id', `--file=${context}/--net`],
      ...['--build-arg=PATH=/x', '--build-arg=EMPTY', '--build-arg=PASSWORD', context],
    ]);
    expect(podman.env).toEqual({ PASSWORD: 'of nobody', EMPTY: '' });
    expect(buildCommand(host, { ...build, engine: 'docker' }).args).toEqual([
      ...['build', '--no-cache', '--iidfile=/id', `--file=${context}/--net`],
      ...['--build-arg=PATH=/x', '--build-arg=EMPTY', '--build-arg=PASSWORD', context],
    ]);
  });

  it('is none for docker where it would not see what is ignored', () => {
    using scratch = scratchDirectory();
    const context = contextWith(scratch.path, { '.containerignore': 'x' });
    const open = openContext(host, input(context));
    const build = {
      context: open,
      idFile: '/id',
      authFile: undefined,
      pull: 'missing',
      fresh: false,
    } as const;
    expect(() => buildCommand(host, { ...build, engine: 'docker' })).toThrow(/docker does not read/);
  });
});

describe('the engine', () => {
  const DOCKER = '#!/bin/sh\necho 28.2.2\n';
  const DEAD = '#!/bin/sh\necho cannot connect >&2\nexit 1\n';
  const at = (path: string, engine = {}) =>
    testHost({
      runner: createRunner({ environment: { PATH: `${path}:/nowhere` } }),
      engine: { asked: undefined, configured: async () => undefined, ...engine },
    });
  const install = (path: string, programs: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(programs))
      fs.writeFileSync(`${path}/${name}`, text, { mode: 0o755 });
  };

  it('is podman, else docker whose daemon answers, else buildah', async () => {
    using scratch = scratchDirectory();
    const { path } = scratch;
    await expect(findEngine(at(path))).rejects.toMatchObject({
      code: 'HOST_UNSUPPORTED',
      hint: 'apt-get install podman',
    });
    install(path, { docker: DEAD, buildah: '#!/bin/sh\necho buildah version 1.28.2\n' });
    expect(await findEngine(at(path))).toEqual({ name: 'buildah', version: '1.28.2' });
    install(path, { docker: DOCKER });
    expect(await findEngine(at(path))).toEqual({ name: 'docker', version: '28.2.2' });
    install(path, { podman: '#!/bin/sh\necho podman version 4.3.1\n' });
    expect(await findEngine(at(path))).toEqual({ name: 'podman', version: '4.3.1' });
  });

  it('is the one that was asked for, else the one of the configuration, or none', async () => {
    using scratch = scratchDirectory();
    install(scratch.path, { docker: DOCKER, podman: DEAD });
    const configured = async () => 'docker' as const;
    expect(await findEngine(at(scratch.path, { configured }))).toMatchObject({ name: 'docker' });
    await expect(findEngine(at(scratch.path, { configured, asked: 'buildah' }))).rejects.toMatchObject({
      message: 'buildah is not installed, and --engine names it',
      hint: 'apt-get install buildah',
    });
    await expect(findEngine(at(scratch.path, { asked: 'podman' }))).rejects.toThrow(/does not work/);
  });
});

it('what an engine says is without values of arguments, and its last step is kept', () => {
  const report = recordingReporter();
  const lines: string[] = [];
  const output = engineOutput({ secrets: ['s3cret-value', 'abc'], report, onLine: line => lines.push(line) });
  output.take(Buffer.from('STEP 1/2: FROM abc\nold\nSTEP 2/2: RUN x\nthe s3cr'));
  output.take(Buffer.from('et-value\r\n\nError: at s3cret-value'));
  output.end();
  expect(lines).toEqual([
    ...['STEP 1/2: FROM abc', 'old', 'STEP 2/2: RUN x', 'the ***', '', 'Error: at ***'],
  ]);
  expect(output.lastStep()).toBe('STEP 2/2: RUN x\nthe ***\nError: at ***');
  expect(report.events).toMatchObject([{ text: 'STEP 1/2: FROM abc' }, { text: 'STEP 2/2: RUN x' }]);
});
