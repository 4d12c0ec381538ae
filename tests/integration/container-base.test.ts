import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BASE_SUITE } from '../support/base.ts';
import { must } from '../support/command.ts';
import {
  asBootcRoot,
  asDockerHub,
  BOOTC_ARGUMENTS,
  containerRoot,
  debianSourcesFile,
  sendRoot,
} from '../support/container-image.ts';
import { buildDeb } from '../support/deb.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayer, aptLayerMust, type ProgramOptions } from '../support/program.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const EXAMPLE = 'examples/debian-13-container.yaml';

const work = temporaryDirectory('container');
const sysroot = work.join('sysroot');
let registry: Registry;
let hub: ProgramOptions;

interface Built {
  readonly image: string;
  readonly lock: { readonly packages: readonly { readonly name: string }[] };
}

beforeAll(async () => {
  registry = await startRegistry();
  hub = asDockerHub(registry, work.join('home'));
  const root = work.join('root');
  await containerRoot(root);
  fs.writeFileSync(`${root}/etc/apt/sources.list.d/debian.sources`, await debianSourcesFile(BASE_SUITE));
  expect(fs.readdirSync(`${root}/boot`)).toEqual([]);
  expect(fs.existsSync(`${root}/sbin/init`)).toBe(false);
  await sendRoot(root, { layout: work.join('layout'), registry, name: 'library/debian:13' });
});
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  await work[Symbol.asyncDispose]();
});

describe('a stock container image', () => {
  let built: Built;

  it('becomes a system that boots, by a spec that layers kernel and init', async () => {
    built = (await aptLayerMust(sysroot, ['compose', 'tree', EXAMPLE, '--json'], hub)).json() as Built;
    const script = [
      'cd /usr/lib/modules/* && ls vmlinuz initrd.img',
      'readlink /sbin/init',
      'lsinitramfs initrd.img | grep -c virtio_blk',
      // What dpkg is told to leave out stays out, and the licences stay.
      'ls /usr/share/man /usr/share/doc/udev',
      'dpkg --audit',
      'ls /boot /var/lib/apt/lists',
    ].join('\n');
    const { stdout } = await aptLayerMust(sysroot, ['run', '--', 'sh', '-e', '-c', script]);
    expect(stdout.split('\n')).toEqual([
      ...['initrd.img', 'vmlinuz', '../lib/systemd/systemd', '1', '/usr/share/doc/udev:', 'copyright', ''],
      ...['/usr/share/man:', '/boot:', '', '/var/lib/apt/lists:', ''],
    ]);
  });

  it('gives the same image in another store', async () => {
    const other = work.join('other');
    const again = await aptLayerMust(other, ['compose', 'tree', EXAMPLE, '--json', '--no-deploy'], hub);
    expect((again.json() as Built).image).toBe(built.image);
  });
});

// Made of the system above: its packages are Debian's, and its layout is that of bootc.
describe('an image for bootc', () => {
  let layout: string;
  let base: string;
  let spec: string;

  const send = () =>
    must('skopeo', [
      ...['copy', '--quiet', '--dest-tls-verify=false', `oci:${layout}:image`, `docker://${base}`],
    ]);
  const withKargs = async (name: string, text: string) => {
    fs.writeFileSync(work.join(name), text);
    await must('umoci', [
      'insert',
      '--image',
      `${layout}:image`,
      work.join(name),
      `${BOOTC_ARGUMENTS}/${name}`,
    ]);
    await send();
  };
  const change = (...args: string[]) => aptLayerMust(sysroot, ['--tls-verify', 'false', ...args]);
  const kargs = async () => {
    const { arguments: all } = (await change('--json', 'kargs')).json() as {
      arguments: { argument: string; owner: string }[];
    };
    return all
      .map(({ argument, owner }) => `${argument} ${owner.split('/').at(-1)}`)
      .filter(line => !line.endsWith(' apt-layer'));
  };

  beforeAll(async () => {
    const root = work.join('bootc');
    await aptLayerMust(sysroot, ['checkout', '0', root]);
    asBootcRoot(root, {
      '10-console.toml': 'kargs = ["console=ttyS0,115200n8", "quiet"]\n',
      '20-other.toml': 'kargs = ["other=1"]\nmatch-architectures = ["s390x"]\n',
    });
    layout = work.join('bootc-oci');
    const name = 'server-bootc:1';
    base = `${registry.host}/${name}`;
    await sendRoot(root, { layout, registry, name });
    await must('umoci', ['config', '--image', `${layout}:image`, '--config.label', 'containers.bootc=1']);
    await send();
    spec = work.join('bootc.yaml');
  }, 600_000);

  it('is refused without what mounts a deployment', async () => {
    fs.writeFileSync(spec, `name: container\nbase-image: oci://${base}\n`);
    const refused = await aptLayer(sysroot, ['--tls-verify', 'false', 'compose', 'tree', spec]);
    expect([refused.code, refused.stderr]).toEqual([
      5,
      expect.stringMatching(
        /initramfs\.img\), and the image has no apt-layer[\s\S]*hint: .*apt-layer_VERSION/,
      ),
    ]);
  });

  it('boots with that layered: its initramfs is made anew, and its kernel arguments are taken', async () => {
    const hook = await buildDeb(
      {
        name: 'mounts-deployments',
        depends: ['fsverity'],
        files: Object.fromEntries(
          [
            'hooks/apt-layer',
            'scripts/init-top/apt-layer',
            'scripts/apt-layer',
            'scripts/apt-layer-deployment',
          ].map(file => [
            `/usr/share/initramfs-tools/${file}`,
            {
              content: fs.readFileSync(path.join(CHECKOUT, 'packaging/initramfs-tools', file)),
              mode: /^hooks|init-top/.test(file) ? 0o755 : 0o644,
            },
          ]),
        ),
      },
      work.join('hook'),
    );
    fs.appendFileSync(spec, `layers: ["${hook}"]\n`);
    await change('compose', 'tree', spec);
    const script = 'cd /usr/lib/modules/* && ls *.img && lsinitramfs initrd.img | grep apt-layer-deployment';
    const { stdout } = await aptLayerMust(sysroot, ['run', '--', 'sh', '-e', '-c', script]);
    expect(stdout).toBe('initrd.img\nscripts/apt-layer-deployment\n');
    expect(await kargs()).toEqual(['console=ttyS0,115200n8 10-console.toml', 'quiet 10-console.toml']);
  });

  it('changes its own arguments by an upgrade, and leaves those of the user alone', async () => {
    await change('kargs', '--append', 'mine=1');
    await withKargs('10-console.toml', "kargs = ['console=tty1']\n");
    await change('upgrade');
    expect(await kargs()).toEqual(['console=tty1 10-console.toml', 'mine=1 spec']);
    await withKargs('30-broken.toml', 'kargs = "quiet"\n');
    const refused = await aptLayer(sysroot, ['--tls-verify', 'false', 'upgrade']);
    expect([refused.code, refused.stderr]).toEqual([
      6,
      expect.stringContaining(`${BOOTC_ARGUMENTS}/30-broken.toml: kargs: `),
    ]);
    expect(await kargs()).toEqual(['console=tty1 10-console.toml', 'mine=1 spec']);
  });
});
