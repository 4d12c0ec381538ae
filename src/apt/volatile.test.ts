import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromText } from '../formats/bytes/index.ts';
import { createSys } from '../sys/index.ts';
import { clampTimes } from './clamp-times.ts';
import { scrubRoot } from './scrub.ts';
import { volatileAction } from './volatile.ts';

describe('volatileAction', () => {
  it.each([
    ['/etc/passwd-', 'remove-file'],
    ['/etc/passwd', undefined],
    ['/etc/ssh/x-', undefined],
    ['/etc/a/b.conf.dpkg-old', 'remove-file'],
    ['/etc/machine-id', 'empty'],
    ['/run', undefined],
    ['/run/lock', 'remove'],
    ['/run/lock/x', 'remove'],
    ['/var/log/apt/term.log', 'remove-file'],
    ['/var/log/wtmp', 'empty'],
    ['/var/lib/dpkg/status', undefined],
    ['/var/lib/dpkg/status-old', 'remove-file'],
    ['/var/lib/dpkg/lock-frontend', 'remove-file'],
    ['/var/cache/apt/archives/a.deb', 'remove-file'],
    ['/var/cache/man/index.db', undefined],
    ['/srv/var/log/x', undefined],
    ['/usr/share/doc/etc/passwd-', undefined],
  ])('%s -> %s', (name, action) => {
    expect(volatileAction(fromText(name))).toBe(action);
  });
});

describe('in a directory', () => {
  const sys = createSys();
  let root: string;
  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'volatile-'));
  });
  afterEach(() => fs.rmSync(root, { recursive: true, force: true }));
  const put = (name: string, content = 'x') => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), content);
  };
  const exists = (name: string) => fs.existsSync(path.join(root, name));

  it('takes out what is volatile and nothing else', () => {
    for (const name of [
      'etc/passwd',
      'etc/passwd-',
      'etc/machine-id',
      'run/a/b',
      'var/log/apt/term.log',
      'usr/log',
    ])
      put(name);
    fs.writeFileSync(Buffer.concat([Buffer.from(`${root}/run/a/`), Buffer.from([0xff, 0x80])]), '');
    scrubRoot(sys, root);
    expect(exists('etc/passwd') && exists('usr/log') && exists('var/log/apt') && exists('run')).toBe(true);
    expect(exists('etc/passwd-') || exists('var/log/apt/term.log') || exists('run/a')).toBe(false);
    expect(fs.readFileSync(path.join(root, 'etc/machine-id'), 'utf8')).toBe('');
  });

  it('does not follow links out of the root', () => {
    put('outside/log/keep');
    fs.mkdirSync(path.join(root, 'system/var'), { recursive: true });
    fs.symlinkSync(path.join(root, 'outside/log'), path.join(root, 'system/var/log'));
    fs.symlinkSync(path.join(root, 'outside'), path.join(root, 'system/tmp'));
    scrubRoot(sys, path.join(root, 'system'));
    expect(exists('outside/log/keep')).toBe(true);
  });

  it('sets the times of the build to the newest time of the packages', () => {
    for (const name of ['old', 'older', 'new', 'dir/new']) put(name);
    const utimes = (name: string, seconds: number) => fs.utimesSync(path.join(root, name), seconds, seconds);
    utimes('old', 1000);
    utimes('older', 500);
    utimes('new', 5000);
    clampTimes(sys, root, 5000);
    const times = ['old', 'older', 'new', 'dir/new', 'dir', '.'].map(
      name => fs.statSync(path.join(root, name)).mtimeMs,
    );
    expect(times).toEqual([1_000_000, 500_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000]);
  });
});
