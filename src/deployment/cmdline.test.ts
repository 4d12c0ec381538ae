import { expect, it } from 'vitest';
import { kernelCommandLine } from './cmdline.ts';

const image = 'ab'.repeat(32);

it.each([
  [
    true,
    ['quiet'],
    `root=UUID=1 composefs.digest=v1-sha256-12:${image} aptlayer.deployment=web-1 quiet panic=30 systemd.crash_reboot=1 systemd.watchdog_sec=60`,
  ],
  [
    false,
    ['panic=0', 'systemd.watchdog_sec=off', 'systemd.crash_action=poweroff'],
    `root=UUID=1 composefs.digest=?v1-sha256-12:${image} aptlayer.deployment=web-1 panic=0 systemd.watchdog_sec=off systemd.crash_action=poweroff`,
  ],
])('the command line of a deployment: verity %s, arguments %j', (verity, kernelArguments, expected) => {
  const record = { id: 'web-1', image, kernelArguments };
  expect(kernelCommandLine(record, { arguments: ['root=UUID=1'], verity }).join(' ')).toBe(expected);
});

it('names the digest by its kind', () => {
  const record = { id: 'web-1', image: 'ab'.repeat(64), kernelArguments: [] };
  expect(kernelCommandLine(record, { arguments: [], verity: true })[0]).toMatch(
    /^composefs.digest=v1-sha512-12:/,
  );
});
