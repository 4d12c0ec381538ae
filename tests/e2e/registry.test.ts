import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { must } from '../support/command.ts';
import { asBootcRoot, asMirror, BOOTC_ARGUMENTS, mirrorText, sendRoot } from '../support/container-image.ts';
import { buildDeb } from '../support/deb.ts';
import { aptLayerMust } from '../support/program.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { expectWell } from './support/health.ts';
import { machineSpec } from './support/machine-spec.ts';
import { overlay } from './support/system.ts';
import { NETWORK_UP, startVm, type Vm } from './support/vm.ts';

const work = temporaryDirectory('registry-machine');
/** Found by registries.conf alone, here and in the machine. */
const SITE = 'registry.example.org';
const NAME = 'server-bootc:1';
/** Seconds. */
const UPGRADE = 3600;

let registry: Registry;
let vm: Vm;

const layout = work.join('layout');

interface Status {
  readonly deployments: readonly { readonly id: string; readonly booted: boolean }[];
}
const bootedId = async () =>
  (JSON.parse(await vm.must('apt-layer --json status')) as Status).deployments.find(one => one.booted)?.id;
const send = () =>
  must('skopeo', [
    ...['copy', '--quiet', '--dest-tls-verify=false', `oci:${layout}:image`],
    `docker://${registry.host}/${NAME}`,
  ]);

async function restart(): Promise<void> {
  await vm.reboot();
  await vm.must(NETWORK_UP);
  await expectWell(vm);
}

/** An image for bootc of Debian's packages, apt-layer and skopeo among them, as others would build it, in the registry. */
async function sendImage(): Promise<void> {
  const building = work.join('building');
  const spec = await machineSpec(work, { layers: ['skopeo', 'ca-certificates'], recommends: false });
  await aptLayerMust(building, ['compose', 'tree', spec]);
  const root = work.join('root');
  await aptLayerMust(building, ['checkout', '0', root]);
  fs.rmSync(building, { recursive: true });
  asBootcRoot(root, { '10-image.toml': 'kargs = ["image.version=1"]\n' });
  fs.mkdirSync(`${root}/etc/containers`, { recursive: true });
  const port = registry.host.replace(/^.*:/, '');
  fs.writeFileSync(`${root}/etc/containers/registries.conf`, mirrorText(SITE, `10.0.2.2:${port}`));
  await sendRoot(root, { layout, registry, name: NAME });
  await must('umoci', ['config', '--image', `${layout}:image`, '--config.label', 'containers.bootc=1']);
  await send();
  fs.rmSync(root, { recursive: true });
}

/** The next version of it: one package more, installed by dpkg, and other kernel arguments, in a layer of their own. */
async function sendUpdate(): Promise<void> {
  const deb = await buildDeb({ name: 'news', files: { '/usr/bin/news': NEWS } }, work.join('debs'));
  const bundle = work.join('bundle');
  await must('umoci', ['unpack', '--image', `${layout}:image`, bundle]);
  await must('dpkg', [`--root=${bundle}/rootfs`, '--install', deb]);
  fs.writeFileSync(
    `${bundle}/rootfs${BOOTC_ARGUMENTS}/10-image.toml`,
    'kargs = ["image.version=2"]\nmatch-architectures = ["x86_64"]\n',
  );
  await must('umoci', ['repack', '--image', `${layout}:image`, bundle]);
  fs.rmSync(bundle, { recursive: true });
  await send();
}

const NEWS = { content: '#!/bin/sh\necho good news\n', mode: 0o755 };

// One machine goes through these in turn.
describe.runIf(process.env['APT_LAYER_VM'] === 'all')('a machine on an image of a registry', () => {
  beforeAll(async () => {
    registry = await startRegistry();
    await sendImage();
    const spec = work.join('server.yaml');
    fs.writeFileSync(
      spec,
      stringify({
        name: 'server',
        'base-image': `oci://${SITE}/${NAME}`,
        'kernel-arguments': ['mine=1'],
      }),
    );
    const sysroot = work.join('sysroot');
    const site = asMirror(work.join('home'), { name: SITE, mirror: registry.host });
    await aptLayerMust(sysroot, ['compose', 'tree', spec], site);
    const disk = work.join('disk.img');
    await aptLayerMust(sysroot, [
      ...['install', 'to-disk', disk, '--size', '5G', '--karg', 'console=ttyS0', '--hostname', 'vm'],
      ...['--bootloader', 'grub'],
    ]);
    fs.rmSync(sysroot, { recursive: true });
    vm = await startVm({
      ...{ disk: await overlay(disk, work.join('vm.qcow2')), firmware: 'seabios', network: true },
    });
    await vm.ready();
    await vm.must(NETWORK_UP);
  });
  afterAll(async () => {
    await vm?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
    await work[Symbol.asyncDispose]();
  });

  it('boots it as it is, with the kernel arguments of the image and its own', async () => {
    await expectWell(vm);
    expect(await vm.must('cat /proc/cmdline')).toMatch(/ image\.version=1 mine=1( |$)/);
    expect(await vm.must('apt-layer status')).toContain(`oci://${SITE}/${NAME}`);
    expect(await vm.must('ls /usr/lib/modules/*/*.img')).toMatch(/^\S+\/initrd\.img$/);
  });

  it('is upgraded from the registry for the bytes of one package', async () => {
    const before = await bootedId();
    expect((await vm.run('apt-layer upgrade --check --unchanged-exit-77')).code).toBe(77);
    await sendUpdate();
    registry.sentBytes();
    await vm.must('apt-layer upgrade', UPGRADE);
    const bytes = registry.sentBytes();
    const whole = fs
      .readdirSync(`${layout}/blobs/sha256`)
      .reduce((sum, name) => sum + fs.statSync(`${layout}/blobs/sha256/${name}`).size, 0);
    process.stdout.write(`the update was ${bytes} bytes of an image of ${whole}\n`);
    expect(bytes).toBeGreaterThan(1000);
    expect(bytes).toBeLessThan(whole / 100);
    expect((await vm.run('news')).code).toBe(127);
    await restart();
    expect(await bootedId()).not.toBe(before);
    expect(await vm.must('news; dpkg-query -W news')).toMatch(/^good news\nnews\t1\.0$/);
    expect(await vm.must('cat /proc/cmdline')).toMatch(/ image\.version=2 mine=1( |$)/);
  });

  it('goes back to what it was', async () => {
    const upgraded = await bootedId();
    await vm.must('apt-layer rollback');
    await restart();
    expect(await bootedId()).not.toBe(upgraded);
    expect((await vm.run('news')).code).toBe(127);
    expect(await vm.must('cat /proc/cmdline')).toMatch(/ image\.version=1 mine=1( |$)/);
  });
});
