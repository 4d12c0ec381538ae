import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkoutPlain } from '../differential/plain-root.ts';
import { aptGetInstallChroot } from '../support/apt-oracle.ts';
import { type Archive, archive } from '../support/archive.ts';
import { copyRoot } from '../support/base.ts';
import { aptLayerMust } from '../support/program.ts';
import { unpackServiceBase } from '../support/service-base.ts';
import { repositories } from '../support/system.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

/** What scripts of vendors call without asking first whether there is a system to speak to. */
const COMMANDS = [
  'systemctl daemon-reload',
  'systemctl --system daemon-reload',
  'systemctl --user daemon-reload',
  'systemctl start some.service',
  'systemctl restart some',
  'systemctl stop some',
  'systemctl reload-or-restart some',
  'systemctl try-restart some',
  'systemctl kill some',
  'systemctl reset-failed',
  'systemctl is-active some',
  'systemctl status some',
  'systemctl is-system-running',
  'systemctl list-units',
  'systemctl enable --now some.service',
  'systemctl enable missing.service',
  'systemctl preset some.service',
  'systemctl isolate multi-user.target',
  'systemd-tmpfiles --create',
  'systemd-sysusers',
  'systemd-detect-virt --chroot',
  'ischroot',
  'udevadm trigger',
  'udevadm control --reload-rules',
  'udevadm settle',
  'loginctl list-sessions',
  'hostnamectl',
  'service some restart',
  'invoke-rc.d some start',
  'deb-systemd-invoke restart some.service',
  'ls /sys',
  'ls /sys/class/net/lo',
  'ls /sys/block',
  'ls /sys/fs/cgroup',
  'mountpoint -q /sys',
  'mountpoint -q /proc',
  'test -d /run/systemd/system',
  'cat /proc/sys/kernel/random/uuid',
  'cat /proc/sys/kernel/osrelease',
];

/** The same, where a plain chroot would change the kernel of the machine. */
const SETTINGS = [
  'sysctl --system',
  'sysctl -w vm.swappiness=3',
  'sysctl -w net.ipv4.ip_forward=1',
  'sysctl -w net.ipv4.route.flush=1',
  'echo 3 >/proc/sys/vm/swappiness',
  'test "$(cat /proc/sys/vm/swappiness)" = 3',
];

const ANSWERS = '/usr/share/unguarded/answers';

const scriptOf = (commands: readonly string[]) =>
  `${commands
    .map(
      command =>
        `code=0; out=$(${command} 2>&1 </dev/null) || code=$?; echo "$code" '${command}' >>${ANSWERS}`,
    )
    .join('\n')}\n`;

let work: TemporaryDirectory;
let repository: Archive;
let sysroot: string;
let base: string;

beforeAll(async () => {
  work = temporaryDirectory('unguarded');
  const files = {
    '/usr/share/unguarded/file': 'x',
    '/usr/lib/systemd/system/some.service':
      '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n',
  };
  repository = await archive([
    { name: 'unguarded', files, scripts: { postinst: scriptOf(COMMANDS) } },
    {
      name: 'unguarded-settings',
      files: {},
      scripts: { postinst: `mkdir -p /usr/share/unguarded\n${scriptOf(SETTINGS)}` },
    },
    {
      name: 'fails-early',
      files: { '/usr/share/fails-early': 'x' },
      scripts: {
        postinst:
          'systemctl daemon-reload\nsystemctl restart fails-early.service\nsystemctl --user daemon-reload',
      },
    },
  ]);
  [base, sysroot] = [work.join('base'), work.join('sysroot')];
  await unpackServiceBase(base);
  await aptLayerMust(sysroot, ['image', 'import', base, '--ref', 'services']);
});
afterAll(async () => {
  await repository[Symbol.asyncDispose]();
  await work[Symbol.asyncDispose]();
});

async function layered(name: string): Promise<string> {
  const spec = work.join(`${name}.yaml`);
  fs.writeFileSync(spec, `base-image: local://services\nlayers: [${name}]\n${repositories(repository)}`);
  await aptLayerMust(sysroot, ['compose', 'tree', spec, '--no-deploy', '--ref', name]);
  const root = work.join(`ours-${name}`);
  await checkoutPlain(sysroot, name, root);
  return root;
}

const answersOf = (root: string) => fs.readFileSync(`${root}${ANSWERS}`, 'utf8').trim().split('\n');

describe('what a script calls without asking whether a system runs', () => {
  it('ends in the sandbox as in a plain chroot', async () => {
    const theirs = work.join('theirs');
    await copyRoot(base, theirs);
    fs.mkdirSync(`${theirs}/sys/probe`, { recursive: true });
    fs.rmdirSync(`${theirs}/sys/probe`);
    await aptGetInstallChroot(theirs, ['unguarded'], { sources: repository.sources, devices: true });
    const ours = answersOf(await layered('unguarded'));
    expect(ours).toHaveLength(COMMANDS.length);
    expect(ours).toContain('0 systemctl daemon-reload');
    expect(ours).toEqual(answersOf(theirs));
  });

  it('changes settings of the kernel in vain', async () => {
    const before = fs.readFileSync('/proc/sys/vm/swappiness', 'utf8');
    const ours = answersOf(await layered('unguarded-settings'));
    expect(ours).toEqual(SETTINGS.map(command => `0 ${command}`));
    expect(fs.readFileSync('/proc/sys/vm/swappiness', 'utf8')).toBe(before);
  });

  it('does not stop a script that ends at the first failure', async () => {
    await expect(layered('fails-early')).resolves.toBeDefined();
  });
});
