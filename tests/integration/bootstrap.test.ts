import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BootstrapRequest, bootstrap, planBootstrap } from '../../src/apt/index.ts';
import { volatileAction } from '../../src/apt/volatile.ts';
import { fromText } from '../../src/formats/bytes/index.ts';
import { createRunner } from '../../src/process/index.ts';
import { archive } from '../support/archive.ts';
import { recordingReporter, testHost } from '../support/host.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** A closed port: nothing listens on discard here. */
const CLOSED = 'http://127.0.0.1:9/debian';

const run = (tool: string, ...args: string[]) => execFileSync(tool, args, { maxBuffer: 1 << 26 }).toString();

async function make(directory: string, request: Partial<BootstrapRequest>): Promise<void> {
  const host = testHost();
  await bootstrap(host, planBootstrap(host, { suite: 'trixie', ...request }), { directory });
}

/** Everything that decides an image, one line for each path, and the content of the files. */
function describeTree(root: string): string {
  const names = run('find', root, '-printf', '%P %y %m %U %G %T@ %l\n').split('\n').sort().join('\n');
  const sums = run(
    'sh',
    '-c',
    'cd "$1" && find . -type f -print0 | sort -z | xargs -0 sha256sum',
    'sh',
    root,
  );
  return `${names}\n${sums}`;
}

describe('a minimal base from the mirror of the host', () => {
  const work = temporaryDirectory('bootstrap');
  const root = path.join(work.path, 'first');
  const reporter = recordingReporter();
  const printed: Buffer[] = [];
  let described = '';

  beforeAll(async () => {
    const host = testHost({ report: reporter });
    const options = { directory: root, log: (chunk: Buffer) => void printed.push(chunk) };
    await bootstrap(host, planBootstrap(host, { suite: 'trixie' }), options);
    described = describeTree(root);
  });
  afterAll(() => work[Symbol.asyncDispose]());

  const read = (name: string) => fs.readFileSync(path.join(root, name), 'utf8');

  it('has one file of sources, and the keys for it', () => {
    expect(fs.readdirSync(path.join(root, 'etc/apt/sources.list.d'))).toEqual(['debian.sources']);
    expect(fs.existsSync(path.join(root, 'etc/apt/sources.list'))).toBe(false);
    const keyring = /^Signed-By: (.*)$/m.exec(read('etc/apt/sources.list.d/debian.sources'))?.[1] ?? 'none';
    expect(fs.existsSync(path.join(root, keyring))).toBe(true);
    expect(
      fs.readdirSync(path.join(root, 'etc/apt/apt.conf.d')).filter(name => /mmdebstrap/.test(name)),
    ).toEqual([]);
  });

  it('holds nothing of this host and nothing volatile', () => {
    expect(read('etc/machine-id')).toBe('');
    expect(read('etc/hostname')).toBe('localhost\n');
    expect(read('etc/resolv.conf')).toBe('');
    const leaked = run('find', root, '-printf', '/%P %y\n')
      .split('\n')
      .map(line => line.split(' '))
      .filter(([name = '', type]) => {
        const action = volatileAction(fromText(name));
        return action === 'remove' || (action === 'remove-file' && type !== 'd');
      });
    expect(leaked).toEqual([]);
    const own = os.hostname().length > 3 ? [os.hostname()] : [];
    for (const word of [work.path, 'mmdebstrap', ...own])
      expect(run('sh', '-c', 'grep -rlF -- "$1" "$2/etc" "$2/var" || true', 'sh', word, root)).toBe('');
  });

  // After the others: dpkg leaves its locks in what it looks at.
  it('is a complete installation with apt', () => {
    expect(run('chroot', root, 'dpkg', '--audit')).toBe('');
    expect(run('chroot', root, 'dpkg-query', '-W', '-f', `\${Status}\n`).split('\n').slice(0, -1)).toSatisfy(
      (states: string[]) => states.length > 60 && states.every(state => state === 'install ok installed'),
    );
  });

  it('says how far it is', () => {
    const texts = reporter.events.map(event => (event.type === 'progress' ? event.text : event.type));
    expect(texts[0]).toBe('start');
    expect(texts).toContain('Configuring the essential packages');
    expect(texts.at(-1)).toBe('end');
    expect(Buffer.concat(printed).toString()).toMatch(/I: success/);
  });

  it('is the same again, times included, from another directory', async () => {
    const second = path.join(work.path, 'second');
    await make(second, {});
    expect(describeTree(second) === described).toBe(true);
  });
});

describe('when it cannot be', () => {
  const fails = async (request: Partial<BootstrapRequest>): Promise<unknown> => {
    await using work = temporaryDirectory('bootstrap');
    const directory = path.join(work.path, 'root');
    fs.mkdirSync(directory);
    const error = await make(directory, request).catch((reason: unknown) => reason);
    expect(fs.readdirSync(work.path)).toEqual(['root']);
    expect(fs.readdirSync(directory)).toEqual([]);
    return error;
  };

  it('a keyring without the key is a signature error', async () => {
    await using other = await archive([]);
    await using work = temporaryDirectory('keyring');
    const keyring = path.join(work.path, 'other.asc');
    fs.writeFileSync(keyring, other.key.armored);
    expect(await fails({ keyring })).toMatchObject({ code: 'SIGNATURE', exitCode: 6 });
  });

  it('a misspelt suite names the nearest one', async () => {
    expect(await fails({ suite: 'trixy' })).toMatchObject({
      code: 'RESOLVE_FAILED',
      exitCode: 5,
      message: expect.stringMatching(/has no suite trixy$/),
      hint: 'did you mean `trixie`?',
    });
  });

  it('a mirror that does not answer is a network error within seconds', async () => {
    const started = performance.now();
    expect(await fails({ mirror: CLOSED })).toMatchObject({ code: 'NETWORK', exitCode: 7 });
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it.each(['none', 'other-key'] as const)('an archive signed %s is refused', async signing => {
    await using local = await archive([{ name: 'a', version: '1' }], { signing });
    await using work = temporaryDirectory('keyring');
    const keyring = path.join(work.path, 'key.asc');
    fs.writeFileSync(keyring, local.key.armored);
    expect(await fails({ suite: 'test', mirror: local.url, keyring })).toMatchObject({ code: 'SIGNATURE' });
  });

  it('an archive without apt makes no system', async () => {
    await using local = await archive([{ name: 'a', version: '1' }]);
    await using work = temporaryDirectory('keyring');
    const keyring = path.join(work.path, 'key.asc');
    fs.writeFileSync(keyring, local.key.armored);
    expect(await fails({ suite: 'test', mirror: local.url, keyring })).toMatchObject({
      code: 'RESOLVE_FAILED',
      message: 'no package is called apt',
    });
  });

  it('an interruption leaves no process, no mount and no file', async () => {
    await using work = temporaryDirectory('bootstrap');
    const directory = path.join(work.path, 'root');
    const controller = new AbortController();
    const host = testHost({ runner: createRunner({ signal: controller.signal }) });
    const abortWhenInstalling = (chunk: Buffer) => {
      if (/installing essential packages/.test(chunk.toString())) controller.abort();
    };
    const options = { directory, log: abortWhenInstalling };
    await expect(bootstrap(host, planBootstrap(host, { suite: 'trixie' }), options)).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    expect(fs.readdirSync(work.path)).toEqual(['root']);
    expect(fs.readdirSync(directory)).toEqual([]);
    expect(fs.readFileSync('/proc/self/mounts', 'utf8')).not.toContain(work.path);
  });

  it('a directory with something in it is left alone', async () => {
    await using work = temporaryDirectory('bootstrap');
    fs.writeFileSync(path.join(work.path, 'mine'), '');
    await expect(make(work.path, {})).rejects.toThrow(/is not empty/);
    expect(fs.readdirSync(work.path)).toEqual(['mine']);
  });
});
