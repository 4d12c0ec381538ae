import fs from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../tests/support/host.ts';
import { mountPoints } from './mount-point.ts';

let directory: ReturnType<typeof scratchDirectory>;
beforeEach(() => {
  directory = scratchDirectory();
  for (const name of ['proc/1', 'dev', 'run', 'tmp', 'sys', 'usr/bin', 'var/lib'])
    fs.mkdirSync(`${directory.path}/${name}`, { recursive: true });
});
afterEach(() => directory[Symbol.dispose]());

const link = (path: string, target: string) => {
  fs.rmSync(`${directory.path}${path}`, { recursive: true, force: true });
  fs.symlinkSync(target, `${directory.path}${path}`);
};
const points = () => mountPoints(testHost(), directory.path);

it('is the path itself where nothing is a link, there or not', () => {
  expect(points().own).toEqual({ proc: '/proc', dev: '/dev', run: '/run', tmp: '/tmp', sys: '/sys' });
  expect(points().of('/usr/bin/true')).toBe('/usr/bin/true');
  expect(points().of('/var/lib/apt/lists')).toBe('/var/lib/apt/lists');
});

it('follows links inside the root', () => {
  link('/usr/sbin', 'bin');
  link('/var/lib/apt', '/usr/lib/apt');
  expect(points().of('/usr/sbin/policy-rc.d')).toBe('/usr/bin/policy-rc.d');
  expect(points().of('/var/lib/apt/lists')).toBe('/usr/lib/apt/lists');
  link('/usr/sbin', '../../../../oldroot/usr');
  link('/var/lib/apt', '/oldroot/etc/../var');
  expect(points().of('/usr/sbin/policy-rc.d')).toBe('/oldroot/usr/policy-rc.d');
  expect(points().of('/var/lib/apt')).toBe('/oldroot/var');
  link('/usr/bin/last', '/a');
  expect(points().of('/usr/bin/last')).toBe('/a');
});

it('has what is below a directory of its own there, whatever the image has below it', () => {
  link('/run', '/var/run');
  fs.mkdirSync(`${directory.path}/var/run`);
  link('/var/run/apt-layer', '/oldroot/etc');
  expect(points().own.run).toBe('/var/run');
  expect(points().of('/run/apt-layer/apt.conf')).toBe('/var/run/apt-layer/apt.conf');
});

it.each([
  ['/tmp', '/proc/1/root/oldroot/etc'],
  ['/run', '../dev/shm'],
  ['/usr/sbin', '/proc/1/root/oldroot/etc'],
  ['/usr/sbin', '/run'],
])('refuses what leads into one of them: %s -> %s', (path, target) => {
  link(path, target);
  expect(() => points().of('/usr/sbin/policy-rc.d')).toThrow(`${path}`);
});

it('refuses what leads into one that is a link', () => {
  link('/proc', '/var/lib');
  expect(() => points().of('/var/lib/apt')).toThrow('/var/lib/apt of the image is a link that leads into');
});

it('refuses loops, files on the way, and names that are no text', () => {
  link('/usr/sbin', 'sbin');
  expect(() => points().of('/usr/sbin/policy-rc.d')).toThrow('too many levels');
  fs.rmSync(`${directory.path}/usr/sbin`);
  fs.writeFileSync(`${directory.path}/usr/sbin`, '');
  expect(() => points().of('/usr/sbin/policy-rc.d')).toThrow('is not below a directory: "sbin"');
  fs.rmSync(`${directory.path}/usr/sbin`);
  fs.symlinkSync(Buffer.from('/\xff', 'latin1'), `${directory.path}/usr/sbin`);
  expect(() => points().of('/usr/sbin/policy-rc.d')).toThrow('no UTF-8');
});
