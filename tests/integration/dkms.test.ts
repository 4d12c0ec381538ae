import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem } from '../support/system.ts';

/**
 * What stands for dkms: a "module" that is its name, and as with the real one the day in its log, and a signature by the key of its
 * configuration, which it makes when that is not there. The real one, with modules that a kernel loads, is where machines are booted.
 */
const DKMS = `#!/bin/sh
set -e
tree=/var/lib/dkms
for setting in /etc/dkms/framework.conf.d/*.conf; do [ ! -e "$setting" ] || . "$setting" && tree=\${dkms_tree:-$tree}; done
[ ! -L "$tree" ] || { echo "the state is behind a link"; exit 1; }
if [ "$1" = status ]; then
  for built in $tree/*/*/*/x86_64; do [ ! -e "$built" ] || echo "\${built#$tree/}"; done
  exit 0
fi
key=\${mok_signing_key:-$tree/mok.key}
mkdir -p $tree
[ -f "$key" ] || cp /proc/sys/kernel/random/uuid "$key" 2>/dev/null || true
for kernel in /usr/lib/modules/*; do
  built=$tree/$2/$3/\${kernel##*/}/x86_64
  mkdir -p $built/log $built/module $kernel/updates/dkms
  ln -sfn /usr/src/$2-$3 $tree/$2/$3/source
  if [ -e /usr/src/$2-$3/broken ]; then
    mkdir $tree/$2/$3/build
    echo "what the compiler said" >$tree/$2/$3/build/make.log
    exit 10
  fi
  date +%s%N >$built/log/make.log
  { echo "module $2"; cat "$key" 2>/dev/null || true; } >$built/module/$2.ko
  cp $built/module/$2.ko $kernel/updates/dkms
done
`;
const MODULE = {
  name: 'small-module',
  depends: ['small-dkms', 'small-kernel'],
  files: { '/usr/src/small-module-1/dkms.conf': 'PACKAGE_NAME=small-module\nPACKAGE_VERSION=1\n' },
  scripts: { postinst: 'dkms build small-module 1' },
};
const BROKEN = {
  name: 'broken-module',
  depends: ['small-module'],
  files: { '/usr/src/broken-module-1/broken': '' },
  scripts: { postinst: 'dkms build broken-module 1' },
};
const BUILT = '/usr/lib/modules/1.2/updates/dkms/small-module.ko';

let repository: Archive;
let system: LocalSystem;
let sysroot: string;

beforeAll(async () => {
  repository = await archive([
    {
      name: 'small-dkms',
      files: {
        '/usr/sbin/dkms': { mode: 0o755, content: DKMS },
        '/etc/dkms/framework.conf.d/other.conf': '# of the package\n',
        '/var/lib/dkms/dkms_dbversion': '2.0.0\n',
      },
    },
    {
      name: 'small-kernel',
      files: { '/boot/vmlinuz-1.2': 'kernel', '/usr/lib/modules/1.2/modules.dep': '' },
    },
    MODULE,
    BROKEN,
  ]);
  system = await localSystem(repository);
  sysroot = await system.copy('dkms');
  await aptLayerMust(sysroot, ['layer', 'small-dkms', 'small-module']);
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

const inside = async (...command: string[]) =>
  (await aptLayerMust(sysroot, ['run', '--read-only', '--', ...command])).stdout;

describe('a module of DKMS', () => {
  it('is the same in each build, signed by no key that the build would throw away', async () => {
    expect(await inside('cat', BUILT)).toBe('module small-module\n');
    const { deployments } = (await aptLayerMust(sysroot, ['status', '--json'])).json() as {
      deployments: { id: string; checksum: string }[];
    };
    const spec = `${sysroot}/state/deploy/${deployments[0]?.id}/spec.yaml`;
    const { stdout } = await aptLayerMust(sysroot, ['compose', 'tree', '--check', spec]);
    expect(stdout).toContain(deployments[0]?.checksum);
  });

  it('that cannot be built has what the compiler said in the log', async () => {
    const { code, stderr } = await aptLayer(sysroot, ['layer', 'broken-module']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('postinst script of broken-module failed');
    const log = /is in (\S+\/log)$/m.exec(stderr)?.[1] ?? '';
    expect(fs.readFileSync(log, 'utf8')).toContain('what the compiler said');
  });

  it('is known to the image that has it, and to no other', async () => {
    expect(await inside('dkms', 'status')).toBe('small-module/1/1.2/x86_64\n');
    await aptLayerMust(sysroot, ['unlayer', 'small-module']);
    expect(await inside('dkms', 'status')).toBe('');
    await aptLayerMust(sysroot, ['rollback']);
    expect(await inside('dkms', 'status')).toBe('small-module/1/1.2/x86_64\n');
  });
});
