import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { abandonedIn } from '../support/mounts.ts';
import { aptLayer, aptLayerMust, startAptLayer } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories, stateOf } from '../support/system.ts';

let repository: Archive;
let other: Archive;
let system: LocalSystem;
let sysroot: string;

const described = (name: string, description: string) => ({ name, fields: { Description: description } });

beforeAll(async () => {
  repository = await archive([
    described('quill', 'writes with ink'),
    described('quill-data', 'feathers'),
    described('zz-pen', 'like a quill, \x1b[31mbut red'),
    described('unrelated', 'nothing of it'),
    { name: 'slow', scripts: { postinst: 'sleep 1000' } },
  ]);
  other = await archive([{ name: 'elsewhere' }], { suite: 'second', origin: 'Second' });
  system = await localSystem(repository);
  sysroot = await system.copy('search');
  const second = repositories(other).replace('repositories:\n', '').replace('name: test', 'name: second');
  const spec = `name: test\nbase-image: local://min\n${repositories(repository)}${second}layers: [quill-data]\n`;
  await aptLayerMust(sysroot, ['compose', 'tree', system.spec('two', spec)]);
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

interface Found {
  readonly packages: readonly { readonly name: string }[];
}
const search = async (...words: string[]) =>
  (await aptLayerMust(sysroot, ['search', ...words, '--json'])).json() as Found;
const names = (found: Found) => found.packages.map(one => one.name);

describe('search', () => {
  it('finds names before descriptions, and marks what is there', async () => {
    expect(await search('quill')).toEqual({
      schema: 1,
      packages: [
        { name: 'quill', summary: 'writes with ink', installed: null, layered: false, match: 'exact' },
        { name: 'quill-data', summary: 'feathers', installed: '1.0', layered: true, match: 'name' },
        {
          name: 'zz-pen',
          summary: 'like a quill, \x1b[31mbut red',
          installed: null,
          layered: false,
          match: 'description',
        },
      ],
    });
    expect((await aptLayerMust(sysroot, ['search', 'quill'])).stdout).toBe(
      'quill - writes with ink\nquill-data [layered] - feathers\nzz-pen - like a quill, \\x1b[31mbut red\n',
    );
  });

  it('wants every word, and takes expressions', async () => {
    expect(names(await search('quill', 'red'))).toEqual(['zz-pen']);
    expect(names(await search('^zz-'))).toEqual(['zz-pen']);
    expect(names(await search('nothing-like-this'))).toEqual([]);
    expect((await aptLayerMust(sysroot, ['search', 'base-files'])).stdout).not.toMatch(/quill/);
    expect((await aptLayer(sysroot, ['search', '[x'])).code).toBe(2);
    expect((await aptLayerMust(sysroot, ['search', '--', '--version'])).stdout).toBe('Nothing was found.\n');
  });

  it('leaves nothing behind, not even a record', async () => {
    const records = () => fs.readdirSync(`${sysroot}/state/transactions`);
    const before = [stateOf(sysroot), records()];
    await search('quill');
    expect([stateOf(sysroot), records()]).toEqual(before);
    expect(abandonedIn('look')).toEqual([]);
  });

  it('works while something is being built, with the lists there are', async () => {
    await using running = startAptLayer(sysroot, ['layer', 'slow']);
    await running.waitFor(/"task":"configure"/);
    expect(names(await search('quill'))).toHaveLength(3);
    await repository.publish([described('quill-new', 'just published')]);
    const asked = await aptLayerMust(sysroot, ['search', '--refresh', 'quill']);
    expect(asked.stdout).not.toContain('quill-new');
    expect(asked.stderr).toMatch(/package lists are 0 hours old: .*layer slow`/);
    expect((await aptLayerMust(sysroot, ['cancel'])).stdout).toMatch(/^Cancelled /);
    expect((await running.ended).code).toBe(143);
    expect(names(await search('--refresh', 'quill-new'))).toEqual(['quill-new']);
  });
});

describe('refresh-md', () => {
  const sources = async (...words: string[]) =>
    (await aptLayerMust(sysroot, ['refresh-md', '--json', ...words])).json();

  it('leaves recent lists alone', async () => {
    expect(await sources()).toEqual({
      schema: 1,
      dryRun: false,
      refreshed: false,
      ageSeconds: expect.any(Number),
      sources: [
        { uri: other.url, suite: 'second', label: 'Second', codename: 'second', state: 'kept', bytes: 0 },
        { uri: repository.url, suite: 'test', label: 'Test', codename: 'test', state: 'kept', bytes: 0 },
      ],
    });
  });

  it('says which source had something new', async () => {
    await sources('--force');
    await other.publish([{ name: 'further' }]);
    expect(await sources('--force')).toMatchObject({
      refreshed: true,
      sources: [
        { suite: 'second', state: 'fetched', bytes: expect.toSatisfy((size: number) => size > 500) },
        { suite: 'test', state: 'unchanged', bytes: 0 },
      ],
    });
    expect(names(await search('further'))).toEqual(['further']);
    expect((await aptLayerMust(sysroot, ['refresh-md', '-f'])).stdout).toMatch(
      /^SOURCE .*\n\S+ +second +Second +unchanged\n\S+ +test +Test +unchanged\n$/,
    );
  });

  it('asks nobody in a dry run', async () => {
    await other.publish([{ name: 'later' }]);
    expect(await sources('--force', '-n')).toMatchObject({ dryRun: true, refreshed: false });
    expect(names(await search('later'))).toEqual([]);
    expect(await sources('--force')).toMatchObject({ refreshed: true });
    expect(names(await search('later'))).toEqual(['later']);
  });

  it('names the source that fails', async () => {
    const sysrootOfOne = await system.copy('failing');
    await aptLayerMust(sysrootOfOne, ['refresh-md', '--force']);
    const gone = await archive([], { suite: 'gone' });
    const spec = system.spec('gone', `name: test\nbase-image: local://min\n${repositories(gone)}`);
    await aptLayerMust(sysrootOfOne, ['compose', 'tree', spec]);
    await gone[Symbol.asyncDispose]();
    const failed = await aptLayer(sysrootOfOne, ['refresh-md', '--force']);
    expect(failed.code).toBe(7);
    expect(failed.stderr).toContain(`${gone.url}/dists/gone`);
  });
});
