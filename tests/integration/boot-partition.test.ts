import fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { aptLayer } from '../support/program.ts';
import { type LocalSystem, localSystem, stateOf } from '../support/system.ts';

const PARTUUID = '01234567-89ab-cdef-0123-456789abcdef';

let repository: Archive;
let system: LocalSystem;

beforeAll(async () => {
  const files = (name: string) => ({ [`/usr/share/${name}`]: name });
  const kernel = { '/boot/vmlinuz-6.1': 'kernel'.repeat(50), '/usr/lib/modules/6.1/modules.order': '' };
  repository = await archive([
    { name: 'tool', version: '1', files: files('tool') },
    { name: 'kernel', version: '1', files: kernel },
    { name: 'memtest', version: '1', files: { '/boot/mt86+x64': 'x'.repeat(100), '/boot/sub/b': 'y' } },
  ]);
  system = await localSystem(repository);
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

it('a boot partition that is not there is missed before anything is built', async () => {
  const sysroot = await system.copy('partition');
  const planned = await aptLayer(sysroot, ['layer', '--dry-run', 'tool']);
  expect(planned).toMatchObject({ code: 0, stderr: expect.stringContaining('Resolving') });
  const bootloader = { version: 1, loader: 'grub', boot: { partuuid: PARTUUID }, arguments: ['root=UUID=1'] };
  fs.writeFileSync(`${sysroot}/state/bootloader.json`, JSON.stringify({ ...bootloader, verity: false }));
  const before = stateOf(sysroot);
  for (const args of [['layer', 'tool'], ['layer', '--dry-run', 'tool'], ['upgrade']]) {
    const { code, stderr } = await aptLayer(sysroot, args);
    expect(code).toBe(1);
    expect(stderr).toContain(`the boot partition ${PARTUUID} is not there`);
    expect(stderr).not.toContain('Resolving');
  }
  expect(stateOf(sysroot)).toBe(before);
});

it('files that packages ship in /boot are spoken of when they come, on a machine that boots', async () => {
  const sysroot = await system.copy('boot-files');
  const warning = 'files in /boot that are not kernels: mt86+x64, sub/b.';
  const stderrOf = async (name: string) => {
    const { code, stderr } = await aptLayer(sysroot, ['layer', name]);
    expect(code, stderr).toBe(0);
    return stderr;
  };
  // A container has no boot loader.
  expect(await stderrOf('memtest')).not.toContain(warning);
  await aptLayer(sysroot, ['unlayer', 'memtest']);
  expect(await stderrOf('kernel')).not.toContain(warning);
  expect(await stderrOf('memtest')).toContain(`${warning} /boot is the machine's`);
  expect(await stderrOf('tool')).not.toContain(warning);
  const { stdout } = await aptLayer(sysroot, ['run', '--', 'ls', '/usr/lib/sysimage/boot']);
  expect(stdout).toContain('mt86+x64');
});
