import fs from 'node:fs';
import { expect, it } from 'vitest';
import { trimCache } from '../../src/apt/index.ts';
import { readRetention } from '../../src/compose/index.ts';
import { finalize, type Retention, retain, setPinned } from '../../src/deployment/index.ts';
import type { Host } from '../../src/host/index.ts';
import { type BootedMachine, bootedMachine } from '../support/booted-machine.ts';
import { scratchDirectory, testHost } from '../support/host.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayer } from '../support/program.ts';

const DAY_MS = 86_400_000;
const KEEP: Retention = { deployments: 3, days: 0, free: { bytes: 0 }, cacheBytes: 0 };

/** A machine that went through six deployments, runs the fourth, has the first pinned, and the sixth staged: in boot order 6 5 4 3 2 1. */
async function machine(directory: string): Promise<{ made: BootedMachine; ids: string[] }> {
  const made = bootedMachine(directory);
  const ids: string[] = [];
  for (const name of ['1', '2', '3', '4']) ids.push(await made.deploy({ 'etc/app.conf': name }));
  made.boot(ids[3] ?? '');
  ids.push(await made.deploy({ 'etc/app.conf': '5' }));
  await made.in(transaction => finalize(transaction, { keep: false }));
  ids.push(await made.deploy({ 'etc/app.conf': '6' }));
  await made.in(transaction => setPinned(transaction, { id: ids[0] ?? '', pinned: true }));
  return { made, ids };
}

/** Keeps to a retention, with a clock and a file system that are as the test has them; says which of the six are left. */
async function kept(
  { made, ids }: { made: BootedMachine; ids: readonly string[] },
  retention: Partial<Retention>,
  change: { readonly now?: Date; readonly availableBytes?: () => number } = {},
): Promise<string> {
  const { sys } = made.host;
  const space: typeof sys.space = path => ({
    totalBytes: sys.space(path).totalBytes,
    availableBytes: change.availableBytes?.() ?? sys.space(path).availableBytes,
  });
  const host: Host = { ...made.host, clock: () => change.now ?? new Date(), sys: { ...sys, space } };
  await made.in(transaction => retain({ ...transaction, host }, { ...KEEP, ...retention }));
  const left = made.ids();
  return ids.flatMap((id, index) => (left.includes(id) ? String(index + 1) : [])).join('');
}

it('keeps so many, and what is booted, staged, pinned or to be gone back to in any case', async () => {
  using scratch = scratchDirectory();
  const six = await machine(scratch.path);
  expect(await kept(six, { deployments: 6 })).toBe('123456');
  expect(await kept(six, { deployments: 5 })).toBe('123456');
  expect(await kept(six, { deployments: 4 })).toBe('13456');
  // The third is what the booted one replaced.
  expect(await kept(six, { deployments: 0 })).toBe('1346');
});

it('keeps the young ones, too', async () => {
  using scratch = scratchDirectory();
  const six = await machine(scratch.path);
  expect(await kept(six, { deployments: 0, days: 2 }, { now: new Date(Date.now() + DAY_MS) })).toBe('123456');
  expect(await kept(six, { deployments: 0, days: 2 }, { now: new Date(Date.now() + 3 * DAY_MS) })).toBe(
    '1346',
  );
});

it('keeps fewer while too little is free, the oldest go first, and none that is needed', async () => {
  using scratch = scratchDirectory();
  const six = await machine(scratch.path);
  const deployments = 6;
  // Enough is free as soon as one is gone.
  const one = { availableBytes: () => (six.made.ids().length < 6 ? 100 : 0) };
  expect(await kept(six, { deployments, free: { bytes: 50 } }, one)).toBe('13456');
  expect(await kept(six, { deployments, free: { part: 1 } }, { availableBytes: () => 0 })).toBe('1346');
});

it('downloads stay up to a size, the newest of them; lists that nobody refreshed for long go', () => {
  using scratch = scratchDirectory();
  const host = testHost();
  const apt = `${scratch.path}/cache/apt`;
  fs.mkdirSync(`${apt}/archives/partial`, { recursive: true });
  expect(trimCache(host, `${scratch.path}/none`, 0)).toEqual({ files: 0, bytes: 0 });
  const write = (name: string, age: number) => {
    fs.writeFileSync(`${apt}/archives/${name}`, 'x'.repeat(100));
    fs.utimesSync(`${apt}/archives/${name}`, 1_000_000 - age, 1_000_000 - age);
  };
  for (const [name, age] of [
    ['old.deb', 3],
    ['partial/half.deb', 2],
    ['new.deb', 1],
    ['lock', 9],
  ] as const)
    write(name, age);
  for (const [name, seconds] of [
    ['sources-a', 1],
    ['sources-b', Date.now() / 1000],
    ['sources-c', 1],
    ['archives-d', 1],
  ] as const) {
    fs.mkdirSync(`${apt}/${name}/lists`, { recursive: true });
    fs.writeFileSync(`${apt}/${name}/updated`, String(Math.floor(seconds)));
  }
  expect(trimCache(host, scratch.path, 250)).toEqual({ files: 1, bytes: 100 });
  expect(fs.readdirSync(`${apt}/archives`).sort()).toEqual(['lock', 'new.deb', 'partial']);
  expect(fs.readdirSync(`${apt}/archives/partial`)).toEqual(['half.deb']);
  expect(fs.readdirSync(apt).sort()).toEqual(['archives', 'sources-b']);
  expect(trimCache(host, scratch.path, 0)).toEqual({ files: 2, bytes: 200 });
});

it.each([
  ['', { deployments: 3, days: 0, free: { part: 0.05 }, cacheBytes: 100 * 2 ** 20 }],
  [
    'keep-deployments: 5\nkeep-days: 30\nkeep-free: 2G\ncache-size: 0\n',
    { deployments: 5, days: 30, free: { bytes: 2 ** 31 }, cacheBytes: 0 },
  ],
  ['keep-free: 10%\ncache-size: 1.5M\n', { ...KEEP, free: { part: 0.1 }, cacheBytes: 1.5 * 2 ** 20 }],
])('the configuration %j means %j', (text, expected) => {
  using scratch = scratchDirectory();
  fs.writeFileSync(`${scratch.path}/conf`, text);
  expect(readRetention(testHost(), `${scratch.path}/conf`)).toEqual(expected);
});

it.each([
  ['keep-deployments: many', /keep-deployments is "many"/],
  ['keep-deployments: -1', /keep-deployments is -1/],
  ['keep-days: 1.5', /keep-days is 1.5/],
  ['keep-free: some', /keep-free is "some"/],
  ['cache-size: [1]x', /conf: /],
  ['cache-size: 10%', /cache-size is "10%"/],
])('the configuration %j is refused', (text, message) => {
  using scratch = scratchDirectory();
  fs.writeFileSync(`${scratch.path}/conf`, text);
  expect(() => readRetention(testHost(), `${scratch.path}/conf`)).toThrow(message);
});

it('the configuration that the package ships is what holds without it', () => {
  expect(readRetention(testHost(), 'packaging/config/apt-layer.conf')).toEqual(
    readRetention(testHost(), '/nonexistent'),
  );
});

it('what the unit starts is a command line that the program takes', async () => {
  using scratch = scratchDirectory();
  const unit = fs.readFileSync(`${CHECKOUT}/packaging/systemd/apt-layer-cleanup.service`, 'utf8');
  const args = /^ExecStart=\/usr\/bin\/apt-layer (.*)$/m.exec(unit)?.[1]?.split(' ') ?? [];
  const done = await aptLayer(`${scratch.path}/sysroot`, args);
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.stdout).toMatch(/^Freed 0 objects .*; 0 deployments kept\.$/m);
  expect(await aptLayer(`${scratch.path}/sysroot`, [...args, '--keep', '3'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--automatic and --keep contradict each other'),
  });
});
