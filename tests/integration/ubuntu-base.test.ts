import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asDockerHub, sendRoot } from '../support/container-image.ts';
import { buildDeb } from '../support/deb.ts';
import { aptLayer, aptLayerMust, type ProgramOptions } from '../support/program.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { KERNEL, type UbuntuStandIn, ubuntuArchive, ubuntuRoot } from '../support/ubuntu.ts';

const CUSTOM = '6.9.0-custom';

const work = temporaryDirectory('ubuntu');
const sysroot = work.join('sysroot');
let ubuntu: UbuntuStandIn;
let registry: Registry;
let hub: ProgramOptions;

const written = (name: string, text: string) => {
  fs.writeFileSync(work.join(name), text);
  return work.join(name);
};
const ostree = (...args: string[]) => aptLayerMust(sysroot, ['ostree', ...args], hub);
const inSystem = async (script: string) =>
  (await aptLayerMust(sysroot, ['run', '--', 'sh', '-e', '-c', script])).stdout;
const installed = async () => (await inSystem('dpkg-query -W')).replaceAll('\t', ' ').split('\n');

beforeAll(async () => {
  [ubuntu, registry] = await Promise.all([ubuntuArchive(work), startRegistry()]);
  const { env } = asDockerHub(registry, work.join('home'));
  hub = { env: { ...env, ...ubuntu.proxy } };
  for (const [version, codename] of [
    ['22.04', 'jammy'],
    ['24.04', 'noble'],
  ] as const) {
    const root = work.join(codename);
    await ubuntuRoot(root, ubuntu, { version, codename });
    await sendRoot(root, {
      layout: work.join(`${codename}-oci`),
      registry,
      name: `library/ubuntu:${version}`,
    });
  }
});
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  await ubuntu?.[Symbol.asyncDispose]();
  await work[Symbol.asyncDispose]();
});

// Of Debian's packages, in Ubuntu's clothes: there is no mirror of Ubuntu where tests run.
describe('a stand-in for Ubuntu', () => {
  it('is a base, and what is layered comes from its own sources, verified by its own keys', async () => {
    const file = written(
      'spec.yaml',
      'name: ubuntu\nbase-image: oci://ubuntu:22.04\nlayers: [jq, ubuntu-tool]\n',
    );
    await aptLayerMust(sysroot, ['compose', 'tree', file], hub);
    // The newer one is a security update.
    expect(await installed()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^jq /), 'ubuntu-tool 1-1ubuntu0.24.04.1']),
    );
    expect(await inSystem('echo "[1]" | jq -c . && ls /usr/share/man /usr/share/doc/ubuntu-tool')).toBe(
      '[1]\n/usr/share/doc/ubuntu-tool:\nchangelog.Debian\n\n/usr/share/man:\n',
    );
  });

  it('goes to another release by the name that docker has for it, and keeps what is layered', async () => {
    await ostree('rebase', 'oci://ubuntu:24.04');
    expect(await inSystem('. /etc/os-release; echo $ID $VERSION_ID $VERSION_CODENAME')).toBe(
      'ubuntu 24.04 noble\n',
    );
    expect(await installed()).toContain('ubuntu-tool 1-1ubuntu0.24.04.1');
    const { stdout } = await ostree('status');
    expect(stdout).toMatch(/Base: oci:\/\/docker\.io\/library\/ubuntu:24\.04/);
  });

  it('has its kernel by a meta package, and another in its place by an override', async () => {
    await ostree('layer', 'linux-image-generic');
    expect(await inSystem('ls /usr/lib/modules && ls /usr/lib/modules/*')).toBe(
      `${KERNEL}\nSystem.map\nconfig\nmodules.builtin\nvmlinuz\n`,
    );
    const custom = await buildDeb(
      {
        ...{ name: `linux-image-${CUSTOM}`, version: '1', architecture: 'amd64' },
        files: {
          [`/boot/vmlinuz-${CUSTOM}`]: Buffer.alloc(8192, 'custom'),
          [`/lib/modules/${CUSTOM}/modules.builtin`]: '',
        },
      },
      work.join('custom'),
    );
    await ostree('override', 'linux-image-generic', custom);
    expect(await inSystem('ls /usr/lib/modules')).toBe(`${CUSTOM}\n`);
    expect((await ostree('override', 'list')).stdout).toMatch(/linux-image-generic/);
  });

  it('is not bootstrapped on another distribution by guessing at a mirror', async () => {
    const file = written('noble.yaml', 'name: noble\nbase-image: apt://noble\n');
    const refused = await aptLayer(sysroot, ['compose', 'tree', file]);
    expect([refused.code, refused.stderr]).toEqual([
      3,
      expect.stringMatching(
        /no archive is known for apt:\/\/noble: the host runs debian, not Ubuntu[\s\S]*bootstrap: \{ mirror: "https:\/\/mirror\.example\.org\/ubuntu" \}/,
      ),
    ]);
  });
});
