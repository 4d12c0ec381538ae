import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem } from '../support/system.ts';

/**
 * What stands for initramfs-tools: an "initramfs" that is a list of what went into it, with the time of the run unless it is
 * told another one. Real ones are made where machines are booted.
 */
const TOOLS = {
  name: 'small-initramfs-tools',
  files: {
    '/usr/sbin/mkinitramfs': {
      mode: 0o755,
      content: `#!/bin/sh
set -e
out=$2
{ echo "made at \${SOURCE_DATE_EPOCH:-$(date +%s%N)}"; cat /usr/lib/modules/$3/modules.dep
  for hook in /usr/share/initramfs-tools/hooks/*; do sh "$hook"; done; } > "$out"
echo scrap > /var/scrap
`,
    },
    '/usr/bin/lsinitramfs': { mode: 0o755, content: '#!/bin/sh\nsed -n "s/^taken //p" "$1"\n' },
    '/usr/share/initramfs-tools/hooks/shell': {
      mode: 0o755,
      content:
        'echo "taken usr/share/taken"; cat /usr/share/taken; test -x /usr/bin/askpass-tool && echo asks\ntrue\n',
    },
  },
};
const kernel = (text: string, version: string) => ({
  name: 'small-kernel',
  version,
  files: { '/boot/vmlinuz-1.2': 'kernel'.repeat(20), '/usr/lib/modules/1.2/modules.dep': text.repeat(30) },
});

/** Gives the machine a name by chance, which goes into initramfs images, and writes in the order of a Perl table. */
const OWN_NAME = {
  name: 'own-name',
  files: {
    '/usr/share/initramfs-tools/hooks/own-name': 'cat /etc/iscsi/initiatorname.iscsi || echo "has no name"\n',
  },
  scripts: {
    postinst: `#!/bin/sh
mkdir -p /etc/iscsi
cat /proc/sys/kernel/random/uuid >/etc/iscsi/initiatorname.iscsi
perl -e 'my %table = map { $_ => 1 } "a" .. "z"; print keys %table' >/etc/order
`,
  },
};

let repository: Archive;
let system: LocalSystem;
let sysroot: string;

beforeAll(async () => {
  repository = await archive([]);
  await repository.publish([
    TOOLS,
    kernel('one ', '1'),
    { name: 'taken', files: { '/usr/share/taken': 'taken one '.repeat(10) } },
    { name: 'askpass-tool', files: { '/usr/bin/askpass-tool': { mode: 0o755, content: '#!/bin/sh\n' } } },
    OWN_NAME,
    { name: 'no-matter', files: { '/usr/share/no-matter': 'x'.repeat(100) } },
  ]);
  system = await localSystem(repository);
  sysroot = await system.copy('initramfs');
  await aptLayerMust(sysroot, ['layer', 'small-initramfs-tools', 'small-kernel', 'taken']);
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

/** Layers a package and says what became of the initramfs. */
async function layered(name: string): Promise<{ made: boolean; initramfs: string }> {
  const { stderr } = await aptLayerMust(sysroot, ['layer', name]);
  const { stdout } = await aptLayerMust(sysroot, ['run', '--', 'cat', '/usr/lib/modules/1.2/initrd.img']);
  return { made: stderr.includes('Making the initramfs'), initramfs: stdout };
}

const current = async () =>
  JSON.parse((await aptLayerMust(sysroot, ['status', '--json'])).stdout).deployments[0];

describe('an initramfs', () => {
  it('is made again only when what it is made of changed', async () => {
    const same = await layered('no-matter');
    expect(same).toMatchObject({ made: false, initramfs: expect.stringContaining('taken one') });
    const asking = await layered('askpass-tool');
    expect(asking).toMatchObject({ made: true, initramfs: expect.stringContaining('asks') });
    await aptLayerMust(sysroot, ['run', '--', 'test', '!', '-e', '/var/scrap']);
  });

  it('is taken from before with the digest that it has when it is made', async () => {
    const { id, checksum } = await current();
    // With its lock, as its packages came in stages.
    const spec = await system.spec(
      'same',
      fs.readFileSync(`${sysroot}/state/deploy/${id}/spec.yaml`, 'utf8'),
    );
    fs.copyFileSync(`${sysroot}/state/deploy/${id}/lock.json`, `${spec}.lock.json`);
    const { stdout, stderr } = await aptLayerMust(sysroot, ['compose', 'tree', '--check', spec]);
    expect(stderr.match(/Making the initramfs of 1\.2 \(/g)).toHaveLength(2);
    expect(stdout).toContain(checksum);
  });

  it('has no secret of a machine, and scripts write the same in every build', async () => {
    expect(await layered('own-name')).toMatchObject({
      made: true,
      initramfs: expect.stringContaining('has no name'),
    });
    const spec = `${sysroot}/state/deploy/${(await current()).id}/spec.yaml`;
    const { stdout } = await aptLayerMust(sysroot, ['compose', 'tree', '--check', spec]);
    expect(stdout).toContain('Reproducible');
    await aptLayerMust(sysroot, ['run', '--', 'test', '-s', '/etc/order']);
    await aptLayerMust(sysroot, ['unlayer', 'own-name']);
    await aptLayerMust(sysroot, ['cleanup', '--keep', '1']);
  });

  it('is kept while a deployment has it', async () => {
    const kept = () => fs.readdirSync(`${sysroot}/composefs/images/refs/initramfs`);
    expect(kept()).toHaveLength(2);
    await aptLayerMust(sysroot, ['unlayer', 'taken', 'askpass-tool', 'no-matter']);
    expect(kept()).toHaveLength(3);
    await aptLayerMust(sysroot, ['cleanup', '--keep', '1']);
    expect(kept()).toHaveLength(2);
    expect((await layered('no-matter')).made).toBe(false);
  });
});
