import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BootstrapRequest, planBootstrap } from '../../src/apt/index.ts';
import { renderSources } from '../../src/apt/sources/index.ts';
import { volatileAction } from '../../src/apt/volatile.ts';
import { fromText } from '../../src/formats/bytes/index.ts';
import type { Host } from '../../src/host/index.ts';
import { bootstrap } from '../../src/layer/index.ts';
import { createRunner } from '../../src/process/index.ts';
import { writeImageObject } from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { checkoutPlain } from '../differential/plain-root.ts';
import { archive } from '../support/archive.ts';
import { compareTrees, renderDifferences, sortRecords, TRACES_OF_APT } from '../support/compare-trees.ts';
import { recordingReporter, testHost } from '../support/host.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** A closed port: nothing listens on discard here. */
const CLOSED = 'http://127.0.0.1:9/debian';

const run = (tool: string, ...args: string[]) => execFileSync(tool, args, { maxBuffer: 1 << 26 }).toString();

interface Making {
  readonly host?: Host;
  readonly onOutput?: (chunk: Buffer) => void;
}

/** Bootstraps into a store below `directory` and resolves to the digest of the image; it is checked out as `root`. */
async function make(
  directory: string,
  request: Partial<BootstrapRequest>,
  { host = testHost(), onOutput = () => undefined }: Making = {},
): Promise<string> {
  const sysroot = path.join(directory, 'sysroot');
  const workDirectory = path.join(sysroot, 'work');
  fs.mkdirSync(workDirectory, { recursive: true });
  const store = ensureStore(host, path.join(sysroot, 'composefs'));
  const context = { host, store, sysroot, workDirectory, onOutput, logPath: '/nowhere' };
  const plan = planBootstrap(host, { suite: 'trixie', ...request });
  const { tree } = await bootstrap(context, plan, { policy: { offline: false, refresh: false } });
  const digest = writeImageObject(store, tree);
  await checkoutPlain(sysroot, digest, path.join(directory, 'root'));
  return digest;
}

describe('a minimal base from the mirror of the host', () => {
  const work = temporaryDirectory('bootstrap');
  const root = path.join(work.path, 'root');
  const reporter = recordingReporter();
  const printed: Buffer[] = [];
  let digest = '';

  beforeAll(async () => {
    const host = testHost({ report: reporter });
    digest = await make(work.path, {}, { host, onOutput: chunk => void printed.push(chunk) });
  });
  afterAll(() => work[Symbol.asyncDispose]());

  const read = (name: string) => fs.readFileSync(path.join(root, name), 'utf8');

  it('has one file of sources, and the keys for it', () => {
    expect(fs.readdirSync(path.join(root, 'etc/apt/sources.list.d'))).toEqual(['debian.sources']);
    expect(fs.existsSync(path.join(root, 'etc/apt/sources.list'))).toBe(false);
    const keyring = /^Signed-By: (.*)$/m.exec(read('etc/apt/sources.list.d/debian.sources'))?.[1] ?? 'none';
    expect(fs.existsSync(path.join(root, keyring))).toBe(true);
    // What packages ship, and nothing of ours or of the host's.
    const shipped = run('sh', '-c', 'cat "$1"/var/lib/dpkg/info/*.list', 'sh', root).split('\n');
    const settings = fs.readdirSync(path.join(root, 'etc/apt/apt.conf.d'));
    expect(settings).not.toEqual([]);
    expect(settings.filter(name => !shipped.includes(`/etc/apt/apt.conf.d/${name}`))).toEqual([]);
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
    const withWord = (word: string) =>
      run('sh', '-c', 'grep -rlF -- "$1" "$2/etc" "$2/var" || true', 'sh', word, root);
    expect(withWord('trixie')).toContain('/etc/apt/sources.list.d/debian.sources');
    for (const word of [work.path, ...own]) expect(withWord(word)).toBe('');
  });

  // After the others: dpkg leaves its locks in what it looks at.
  it('is a complete installation with apt', () => {
    expect(run('chroot', root, 'dpkg', '--audit')).toBe('');
    expect(run('chroot', root, 'dpkg-query', '-W', '-f', `\${Status}\n`).split('\n').slice(0, -1)).toSatisfy(
      (states: string[]) => states.length > 60 && states.every(state => state === 'install ok installed'),
    );
  });

  it('says how far it is', () => {
    const texts = reporter.events
      .filter(event => event.type !== 'log')
      .map(event => (event.type === 'progress' ? event.text : event.type));
    expect(texts[0]).toBe('start');
    expect(texts).toContain('configure base-passwd');
    expect(texts.at(-1)).toBe('end');
    expect(Buffer.concat(printed).toString()).toMatch(/Setting up apt /);
  });

  it('is what mmdebstrap makes, but for what that adds or asks itself', async () => {
    const theirs = path.join(work.path, 'mmdebstrap');
    const sources = path.join(work.path, 'their.sources');
    fs.writeFileSync(sources, renderSources(planBootstrap(testHost(), { suite: 'trixie' }).sources));
    run('mmdebstrap', '--quiet', '--variant=minbase', 'trixie', theirs, sources);
    const ignore = [
      ...TRACES_OF_APT,
      /^\/etc\/apt\/sources\.list(\.d\/.*)?$/,
      /^\/etc\/(machine-id|hostname|resolv\.conf)$/,
      // Says only what dpkg knows anyway.
      /^\/var\/lib\/dpkg\/arch$/,
    ];
    const normalise = (name: string, content: Buffer) =>
      name === '/var/cache/debconf/config.dat'
        ? // apt asks debconf before dpkg does, so that questions count as seen.
          Buffer.from(content.toString('latin1').replaceAll('Flags: seen\n', ''), 'latin1')
        : sortRecords(name, content);
    expect(renderDifferences(compareTrees(theirs, root, { ignore, normalise }))).toBe('');
  });

  it('is the same image again, from another directory, another cache, and from archives that are there', async () => {
    const second = path.join(work.path, 'second');
    fs.mkdirSync(second);
    expect(await make(second, {})).toBe(digest);
    // apt does not name archives that it has already.
    for (const name of ['root', 'sysroot/composefs']) fs.rmSync(path.join(second, name), { recursive: true });
    expect(await make(second, {})).toBe(digest);
  });
});

describe('when it cannot be', () => {
  const fails = async (request: Partial<BootstrapRequest>): Promise<unknown> => {
    await using work = temporaryDirectory('bootstrap');
    const error = await make(work.path, request).catch((reason: unknown) => reason);
    expect(fs.readdirSync(work.path)).toEqual(['sysroot']);
    expect(fs.readdirSync(work.join('sysroot/composefs/images'))).toEqual(['refs']);
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
      hint: 'did you mean `trixie`?; all that was said is in /nowhere',
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
    const controller = new AbortController();
    const host = testHost({ runner: createRunner({ signal: controller.signal }), signal: controller.signal });
    const onOutput = (chunk: Buffer) => {
      if (/Setting up base-files/.test(chunk.toString())) controller.abort();
    };
    await expect(make(work.path, {}, { host, onOutput })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(fs.readdirSync(work.path)).toEqual(['sysroot']);
    expect(fs.readFileSync('/proc/self/mounts', 'utf8')).not.toContain(work.path);
  });
});
