import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { silentReporter } from '../report/index.ts';
import { createApp } from './app.ts';
import { debianArchitecture } from './architecture.ts';
import { readEnvironment } from './environment.ts';
import { DEFAULT_GLOBALS } from './globals.ts';
import { bootedDeployment, defaultSysroot, withoutLinks } from './sysroot.ts';
import { workerScript } from './worker-script.ts';

const cmdline = (text: string) => ({ readFile: () => Buffer.from(text) });

describe('the sysroot', () => {
  it.each([
    ['BOOT_IMAGE=/vmlinuz root=UUID=1 quiet\n', '/var/lib/apt-layer'],
    ['root=UUID=1 aptlayer.deployment=debian-20250128-143022 quiet\n', '/sysroot'],
    ['xaptlayer.deployment=a\n', '/var/lib/apt-layer'],
  ])('after booting with %j', (text, expected) => expect(defaultSysroot(cmdline(text))).toBe(expected));

  it('is the ordinary one where there is no /proc, and other errors are errors', () => {
    const failing = (code: string) => ({
      readFile: () => {
        throw Object.assign(new Error(code), { code });
      },
    });
    expect(defaultSysroot(failing('ENOENT'))).toBe('/var/lib/apt-layer');
    expect(() => defaultSysroot(failing('EIO'))).toThrow('EIO');
  });

  it('is where its links lead, also where it is not there yet', () => {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'apt-layer-test-')));
    try {
      mkdirSync(join(directory, 'disk'));
      symlinkSync(join(directory, 'disk'), join(directory, 'link'));
      expect(withoutLinks(join(directory, 'link'))).toBe(join(directory, 'disk'));
      expect(withoutLinks(join(directory, 'link/a/../b/c'))).toBe(join(directory, 'disk/b/c'));
      symlinkSync('itself', join(directory, 'itself'));
      expect(() => withoutLinks(join(directory, 'itself/x'))).toThrow('ELOOP');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('comes with the id of what was booted', () => {
    expect(bootedDeployment(['quiet', 'aptlayer.deployment=a-1'])).toBe('a-1');
    expect(bootedDeployment([])).toBeUndefined();
  });
});

describe('the environment', () => {
  it('forbids colours, names the journal, and passes little on', () => {
    expect(readEnvironment({ NO_COLOR: '' }).forbidsColor).toBe(false);
    expect(readEnvironment({ NO_COLOR: '0' }).forbidsColor).toBe(true);
    expect(readEnvironment({ TERM: 'dumb' }).forbidsColor).toBe(true);
    expect(readEnvironment({ JOURNAL_STREAM: '8:1' }).journalStream).toBe('8:1');
    const { passedOn } = readEnvironment({ http_proxy: 'p', HOME: '/root', LD_PRELOAD: 'x' });
    expect(passedOn['http_proxy']).toBe('p');
    expect(Object.keys(passedOn)).not.toContain('HOME');
    expect(Object.keys(passedOn)).not.toContain('LD_PRELOAD');
  });
});

describe('createApp', () => {
  const app = (env: Record<string, string>) =>
    createApp({
      globals: { ...DEFAULT_GLOBALS, sysroot: 'here' },
      argv: ['layer', 'vim'],
      report: silentReporter,
      signal: new AbortController().signal,
      environment: readEnvironment(env),
    });

  it('makes the host', () => {
    const { host, sysroot, commandLine } = app({});
    expect(sysroot).toBe(`${process.cwd()}/here`);
    expect(commandLine).toBe('layer vim');
    expect(host.random(5)).toHaveLength(5);
    expect(host.fault).toBeUndefined();
    expect(host.kernelRelease).toMatch(/^\d/);
  });

  it('injects the fault a test asks for, and refuses nonsense', () => {
    expect(app({ APT_LAYER_FAULT: 'eio:3' }).host.fault).toMatchObject({ kind: 'eio', at: 3 });
    expect(app({ APT_LAYER_FAULT: '' }).host.fault).toBeUndefined();
    expect(() => app({ APT_LAYER_FAULT: 'explode' })).toThrow('APT_LAYER_FAULT: "explode" is no fault');
  });
});

it('knows Debian architectures', () => {
  expect(debianArchitecture('x64')).toBe('amd64');
  expect(debianArchitecture('ppc64')).toBe('ppc64el');
  expect(() => debianArchitecture('mips')).toThrow('no architecture for "mips"');
});

it('finds the worker beside the bundle, and from source in dist/', () => {
  expect(workerScript('file:///usr/lib/apt-layer/apt-layer.mjs').pathname).toBe(
    '/usr/lib/apt-layer/worker.mjs',
  );
  expect(workerScript('file:///src/x/src/app/worker-script.ts').pathname).toBe('/src/x/dist/worker.mjs');
  expect(existsSync(new URL('../package.json', workerScript()))).toBe(true);
});
