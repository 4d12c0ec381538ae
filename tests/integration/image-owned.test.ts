import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import type { DebDescription } from '../support/deb.ts';
import { aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem } from '../support/system.ts';

/** A package with a file in each directory that is the machine's. */
const everywhere = (version: string): DebDescription => ({
  name: 'everywhere',
  version,
  files: Object.fromEntries(
    [
      '/usr/local/bin/tool',
      `/usr/local/lib/everywhere/${version}/part`,
      '/srv/everywhere/page',
      '/mnt/everywhere/page',
      '/var/lib/everywhere/data',
      '/var/lib/everywhere/more',
      '/root/everywhere',
      '/home/kiosk/everywhere',
      '/var/www/everywhere/page',
      '/opt/everywhere/tool',
      `/opt/everywhere-${version}/tool`,
    ].map(path => [path, `version ${version} of ${path}`]),
  ),
});

const PLACES = [
  'usrlocal/bin/tool',
  'srv/everywhere/page',
  'mnt/everywhere/page',
  'roothome/everywhere',
  'home/kiosk/everywhere',
  'www/everywhere/page',
  'opt/everywhere/tool',
];

let repository: Archive;
let system: LocalSystem;
let sysroot: string;

beforeAll(async () => {
  repository = await archive([everywhere('1.0')]);
  system = await localSystem(repository);
  sysroot = await system.copy('owned');
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

const shared = () => `${sysroot}/state/os/test/var`;
const ofMachine = (path: string) => fs.lstatSync(`${shared()}/${path}`, { throwIfNoEntry: false });

/** What a deployment shows at a path, with links followed in it. */
async function shown(path: string): Promise<string> {
  const { stdout } = await aptLayerMust(sysroot, ['run', '--', 'cat', path]);
  return stdout;
}

const all = async () => Promise.all(PLACES.map(path => shown(`/var/${path}`)));

describe('files of packages in directories of the machine', () => {
  it('are there, and follow the package to another version', async () => {
    const { stderr } = await aptLayerMust(sysroot, ['layer', 'everywhere']);
    expect(stderr).toContain(
      "warning: everywhere has files among a machine's data (/var/lib/everywhere/data and 1 more): a machine keeps those of the version that it had first",
    );
    for (const text of await all()) expect(text).toContain('version 1.0 of');
    expect(await shown('/usr/local/bin/tool')).toBe('version 1.0 of /usr/local/bin/tool');

    fs.writeFileSync(`${shared()}/usrlocal/bin/mine`, 'mine');
    fs.mkdirSync(`${shared()}/opt/mine`);
    fs.rmSync(`${shared()}/srv/everywhere/page`);
    fs.writeFileSync(`${shared()}/srv/everywhere/page`, 'changed here');
    await repository.publish([everywhere('2.0')]);
    await aptLayerMust(sysroot, ['upgrade']);
    const now = await all();
    expect(now.filter(text => text.includes('version 2.0 of'))).toHaveLength(PLACES.length - 1);
    expect(now[1]).toBe('changed here');
    expect(await shown('/usr/local/lib/everywhere/2.0/part')).toContain('version 2.0');
  });

  it('leave nothing behind but what the machine put there', async () => {
    expect(ofMachine('usrlocal/lib/everywhere/1.0')).toBeUndefined();
    expect(ofMachine('opt/everywhere-1.0')).toBeUndefined();
    expect(ofMachine('opt/everywhere-2.0')?.isSymbolicLink()).toBe(true);
    await aptLayerMust(sysroot, ['unlayer', 'everywhere']);
    for (const path of PLACES)
      expect([path, ofMachine(path) === undefined]).toEqual([path, path !== 'srv/everywhere/page']);
    for (const path of ['usrlocal/lib/everywhere', 'www/everywhere', 'opt/everywhere', 'opt/everywhere-2.0'])
      expect([path, ofMachine(path)]).toEqual([path, undefined]);
    expect(fs.readFileSync(`${shared()}/usrlocal/bin/mine`, 'utf8')).toBe('mine');
    expect(fs.readFileSync(`${shared()}/srv/everywhere/page`, 'utf8')).toBe('changed here');
    expect(ofMachine('opt/mine')?.isDirectory()).toBe(true);
    expect(ofMachine('usrlocal/bin')?.isDirectory()).toBe(true);
  });
});

describe('files of a spec in directories of the machine', () => {
  const spec = (text: string) =>
    system.spec(
      'placed',
      `name: placed\nbase-image: local://min\nfiles:\n${[
        '/usr/local/bin/a',
        '/srv/a',
        '/opt/a/b',
        '/root/a',
        '/var/lib/a/b',
        '/var/log/a',
      ]
        .map(path => `  - {path: ${path}, content: ${text}}\n`)
        .join('')}  - {path: /srv/data, directory: true}\n`,
    );

  it('change with the image below /opt, /srv and /usr/local, and are warned of elsewhere', async () => {
    const { stderr } = await aptLayerMust(sysroot, ['compose', 'tree', spec('one')]);
    const warned = [...stderr.matchAll(/^warning: (\S+) (is copied|does not reach)/gm)].map(
      found => found[1],
    );
    expect(warned).toEqual(['/root/a', '/var/lib/a/b', '/var/log/a']);
    await aptLayerMust(sysroot, ['compose', 'tree', spec('two')]);
    const texts = await Promise.all(
      ['/usr/local/bin/a', '/srv/a', '/opt/a/b', '/root/a', '/var/lib/a/b'].map(shown),
    );
    expect(texts).toEqual(['two', 'two', 'two', 'one', 'one']);
    const placed = `${sysroot}/state/os/placed/var`;
    expect(fs.existsSync(`${placed}/log/a`)).toBe(false);
    expect(fs.statSync(`${placed}/srv/data`).isDirectory()).toBe(true);
  });
});
