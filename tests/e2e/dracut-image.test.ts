import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { aptLayerMust } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { checkoutPackage } from './support/machine-spec.ts';

/** Minutes of work, for what another test has in small. */
const ALL = process.env['APT_LAYER_VM'] === 'all';
const work = temporaryDirectory('dracut-image');
const sysroot = work.join('sysroot');
const spec = work.join('dracut.yaml');
/** What dracut recommends and the test does without. mdadm also writes the day of its installation. */
const LEFT_OUT = ['binutils', 'console-setup', 'cryptsetup', 'lvm2', 'mdadm'];

beforeAll(async () => {
  if (!ALL) return;
  const deb = await checkoutPackage(work);
  const layers = ['linux-image-cloud-amd64', 'dracut', 'systemd-sysv', 'udev', 'zstd', deb];
  const overrides = LEFT_OUT.map(name => ({ package: name, remove: true }));
  // A level that is quick: how small it gets is not what is looked at.
  const files = [{ path: '/etc/dracut.conf.d/quick.conf', content: 'compress="zstd -1 -q"\n' }];
  const initramfs = { modules: ['virtio_rng'] };
  fs.writeFileSync(
    spec,
    stringify({ name: 'dracut', 'base-image': 'apt://trixie', layers, overrides, files, initramfs }),
  );
});
afterAll(() => work[Symbol.asyncDispose]());

describe.runIf(ALL)('an image with a kernel and dracut', () => {
  it('is the same when it is built twice, with an initramfs that is made once for each', async () => {
    const { stderr } = await aptLayerMust(sysroot, ['compose', 'tree', '--check', spec]);
    expect(stderr.match(/Making the initramfs of \S+ \(/g)).toHaveLength(2);
    const inputs = fs.readdirSync(`${sysroot}/composefs/images/refs/initramfs`);
    expect(inputs).toHaveLength(1);
  });

  it('has what mounts a deployment, and what the spec says, in its initramfs', async () => {
    const { stderr } = await aptLayerMust(sysroot, ['compose', 'tree', spec]);
    expect(stderr).not.toContain('Making the initramfs');
    const script =
      'cd /usr/lib/modules/* && lsinitrd initrd.img && lsinitrd -f etc/cmdline.d/20-force_drivers.conf initrd.img';
    const { stdout } = await aptLayerMust(sysroot, ['run', '--', 'sh', '-c', script]);
    expect(stdout).toContain('rd.driver.pre=virtio_rng');
    for (const name of [
      'var/lib/dracut/hooks/pre-mount/50-mount-deployment.sh',
      'usr/lib/apt-layer/deployment.sh',
      'usr/bin/fsverity',
      'fs/erofs/erofs.ko',
      'fs/overlayfs/overlay.ko',
    ])
      expect(stdout).toContain(name);
    // Hooks of the kernel's package make none beside it.
    const { stdout: boot } = await aptLayerMust(sysroot, ['run', '--', 'ls', '/usr/lib/sysimage/boot']);
    expect(boot.match(/initrd/g)).toHaveLength(1);
  });
});
