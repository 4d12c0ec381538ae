import { describe, expect, it } from 'vitest';
import { createApp, DEFAULT_GLOBALS } from '../app/index.ts';
import { AptLayerError } from '../errors/index.ts';
import type { Host } from '../host/index.ts';
import { silentReporter } from '../report/index.ts';
import { checkHost, checkNode, registeredFileSystems } from './host-checks.ts';
import { plainStyle } from './index.ts';
import { command } from './validate.ts';

const { host } = createApp({
  globals: DEFAULT_GLOBALS,
  argv: [],
  report: silentReporter,
  signal: new AbortController().signal,
});
const errno = (code: string) => Object.assign(new Error(code), { code });

/** A machine with the given programs and file systems, where `modprobe` ends as told. */
function machine(has: {
  tools: string[];
  filesystems: string;
  modprobe: () => number;
  native?: Error;
}): Host {
  return {
    ...host,
    sys: {
      ...host.sys,
      openFollowing: path => {
        if (!has.tools.some(tool => path === `/usr/bin/${tool}`)) throw errno('ENOENT');
        return 999;
      },
      close: () => undefined,
      readFile: () => Buffer.from(has.filesystems),
      xattrs: () => {
        if (has.native !== undefined) throw has.native;
        return undefined;
      },
    },
    runner: {
      ...host.runner,
      run: async ({ tool }) => {
        const stdout = Buffer.from(has.tools.includes(tool) ? `${tool} version 4.3.1` : '');
        return { exitCode: has.modprobe(), stdout, stderrTail: '', durationMs: 1 };
      },
    },
  };
}

describe('checkHost', () => {
  it('finds what is there', async () => {
    const checks = await checkHost(
      machine({ tools: ['bwrap', 'apt-get'], filesystems: 'nodev\tproc\n\terofs\n', modprobe: () => 0 }),
    );
    const found = Object.fromEntries(checks.map(check => [check.name, check.ok]));
    expect(found).toMatchObject({
      koffi: true,
      'erofs (kernel)': true,
      'overlay (kernel)': true,
      bwrap: true,
      'apt-get': true,
      dpkg: false,
    });
    expect(checks.find(check => check.name === 'skopeo')).toMatchObject({
      ok: false,
      required: false,
      fix: 'apt-get install skopeo',
    });
  });

  it('says which verbs lack something that the others do without', async () => {
    const all = [
      'apt-get',
      'dpkg',
      'dpkg-deb',
      'bwrap',
      'unshare',
      'mount',
      'gpgv',
      'skopeo',
      'podman',
      'sfdisk',
      'mkfs.ext4',
      'pasta',
      'ip',
    ];
    const text = async (...more: string[]) => {
      const tools = [...all, ...more];
      const checks = await checkHost(machine({ tools, filesystems: '', modprobe: () => 0 }));
      return command.render({ ok: true, checks }, plainStyle);
    };
    expect(await text('mcopy')).toMatch(/mkfs.fat .*firmware.*\n {2}→ apt-get install dosfstools\n/);
    expect(await text('mcopy')).toContain('This host can do the work, but not yet `install to-disk`.');
    expect(await text('mcopy', 'mkfs.fat')).toContain('This host can do the work.');
  });

  it('goes on when checks fail, and ends with exit code 4', async () => {
    const broken = machine({
      tools: [],
      filesystems: '',
      modprobe: () => {
        throw new AptLayerError('HOST_UNSUPPORTED', 'modprobe is not installed');
      },
      native: new Error('Cannot find the native Koffi module\nmore'),
    });
    const checks = await checkHost(broken);
    expect(checks.find(check => check.name === 'koffi')?.found).toBe(
      'native calls fail: Cannot find the native Koffi module',
    );
    expect(checks.find(check => check.name === 'erofs (kernel)')?.found).toContain('cannot tell');
    const result = { ok: false, checks };
    expect(command.exitCode?.(result)).toBe(4);
    expect(command.render(result, plainStyle)).toMatch(
      /missing {3}bwrap .*\n {2}→ apt-get install bubblewrap\n/,
    );
    expect(command.exitCode?.({ ok: true, checks: [] })).toBe(0);
  });
});

it.each([
  ['20.18.9', false],
  ['20.19.0', true],
  ['22.0.0', true],
  ['18.20.0', false],
])('node %s', (version, ok) => expect(checkNode(version).ok).toBe(ok));

it('reads /proc/filesystems', () => {
  expect(registeredFileSystems('nodev\tsysfs\n\text4\nnodev\toverlay\n')).toEqual([
    'sysfs',
    'ext4',
    'overlay',
  ]);
});
