import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CHECKOUT } from '../support/places.ts';
import { aptLayerMust } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { checkoutPackage } from './support/machine-spec.ts';
import { startVm } from './support/vm.ts';

const work = temporaryDirectory('server');
const PACKAGES_MAX = 150;

describe.runIf(process.env['APT_LAYER_VM'] === 'all')('the example of a server', () => {
  afterAll(() => work[Symbol.asyncDispose]());

  it('has few packages, and comes up on a disk', async () => {
    const sysroot = work.join('sysroot');
    const deb = await checkoutPackage(work);
    await aptLayerMust(sysroot, ['compose', 'tree', path.join(CHECKOUT, 'examples/debian-13-server.yaml')]);
    const { packages } = (await aptLayerMust(sysroot, ['--json', 'db', 'list'])).json() as {
      packages: unknown[];
    };
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.length).toBeLessThanOrEqual(PACKAGES_MAX);
    await aptLayerMust(sysroot, ['layer', deb]);
    const disk = work.join('server.img');
    await aptLayerMust(sysroot, ['install', 'to-disk', disk, '--size', '6G', '--karg', 'console=ttyS0']);
    await using vm = await startVm({ disk, firmware: 'ovmf' });
    await vm.expect(/server login:/, 600);
    expect(vm.console).not.toMatch(/\[FAILED\]|emergency mode/);
  }, 1_800_000);
});
