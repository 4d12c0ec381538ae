import { afterAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary.ts';
import { expectWell } from './support/health.ts';
import { buildSystem, overlay, SYSTEM_ARGUMENTS } from './support/system.ts';
import { startVm } from './support/vm.ts';

const work = temporaryDirectory('dracut');

describe.runIf(process.env['APT_LAYER_VM'] === 'all')('an initramfs of dracut', () => {
  afterAll(() => work[Symbol.asyncDispose]());

  it('mounts the deployment, and says why when it cannot', async () => {
    const system = await buildSystem(work, undefined, ['dracut']);
    const { kernel, initrd, deployment, image } = system;
    const start = async (name: string, words: string) =>
      startVm({
        disk: await overlay(system.disk, work.join(`${name}.qcow2`)),
        firmware: { kernel, initrd, append: `${SYSTEM_ARGUMENTS} ${words}` },
      });
    {
      const words = `composefs.digest=?v1-sha256-12:${image} aptlayer.deployment=${deployment}`;
      await using vm = await start('good', words);
      await vm.ready();
      expect(await vm.must('findmnt -n -o FSTYPE / && findmnt /etc && findmnt /var')).toMatch(/^overlay/);
      expect(JSON.parse(await vm.must('cat /run/apt-layer/booted'))).toMatchObject({ deployment, image });
      await expectWell(vm);
    }
    const words = `composefs.digest=?v1-sha256-12:${image} aptlayer.deployment=nothing panic=1`;
    await using vm = await start('missing', words);
    await vm.expect(/there is no such deployment/, 600);
    await vm.expect(/choose another entry of the boot menu/, 60);
    await vm.expect(/reboot: Restarting system/, 300);
  });
});
