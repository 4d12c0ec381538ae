import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary.ts';
import { addToEtc, requiredBy, stageBad } from './support/bad-deployment.ts';
import { expectWell } from './support/health.ts';
import { installedDisk } from './support/installed.ts';
import { startVm, type Vm } from './support/vm.ts';

const BOOT_SECONDS = 900;
const NOWHERE = 'UUID=00000000-0000-4000-8000-000000000000';
/** A minute and a half instead of 20 minutes. */
const GIVE_UP_SOON = {
  'systemd/system/apt-layer-give-up.timer.d/soon.conf': '[Timer]\nOnBootSec=\nOnBootSec=90s\n',
};

/** All that root may use, in a moment: writing it would take longer than a boot has. Fails, as what wants to write then does. */
const FILL = `#!/bin/sh
mkdir -p /var/fill && cd /var/fill || exit
for size in 512M 32M 1M 4K; do
  n=0
  while fallocate --length $size $size-$n; do n=$((n + 1)); done
done
sync
echo x >/var/fill/more
`;

interface Bad {
  /** Kernel arguments. */
  readonly words?: string;
  /** What is added to files of its /etc. */
  readonly etc?: Readonly<Record<string, string>>;
  /** Commands on the machine, once it is staged. */
  readonly before?: string;
  /** What the console says in its boot. */
  readonly says: RegExp;
}

const work = temporaryDirectory('bad-deployments');
let vm: Vm;
let good: string;

async function first(): Promise<string> {
  const status = await vm.must('apt-layer --json status');
  const { deployments } = JSON.parse(status) as { deployments: { id: string }[] };
  return deployments[0]?.id ?? '';
}

/** What runs; undefined while the machine goes down. */
async function booted(): Promise<string | undefined> {
  const { stdout } = await vm.run('cat /run/apt-layer/booted', 60).catch(() => ({ stdout: '{}' }));
  return (JSON.parse(stdout) as { deployment?: string }).deployment;
}

/** Boots a bad deployment, does nothing, and waits until the good one runs; resolves to the bad one. */
async function comesBackFrom({ words = 'bad=1', etc, before, says }: Bad): Promise<string> {
  await stageBad(vm, words);
  const bad = await first();
  expect(bad).not.toBe(good);
  if (etc !== undefined) await addToEtc(vm, bad, etc);
  if (before !== undefined) await vm.must(before);
  const back = vm.reboot(3 * BOOT_SECONDS);
  await vm.expect(says, 2 * BOOT_SECONDS);
  await back;
  // Some of them come so far that they answer.
  for (let boot = vm.boot; (await booted()) !== good; boot = vm.boot) await vm.bootAfter(boot);
  return bad;
}

// Two more kinds, a masked target and a kernel without an init, are in `boot`, which each run of all tests has.
describe.runIf(process.env['APT_LAYER_VM'] === 'all')('a machine comes back from a deployment', () => {
  beforeAll(async () => {
    const disk = await installedDisk(work, {
      layers: ['dosfstools', 'systemd-boot-efi'],
      install: ['--karg', 'panic=3'],
    });
    vm = await startVm({ disk, firmware: 'ovmf' });
    await vm.ready();
    await expectWell(vm);
    good = await first();
  });
  afterAll(async () => {
    await vm?.[Symbol.asyncDispose]();
    await work[Symbol.asyncDispose]();
  });

  it.each<[string, Bad]>([
    ['whose init ends', { words: 'init=/usr/bin/true', says: /Attempted to kill init/ }],
    [
      'whose root is not there',
      {
        before: `cd /boot/loader/entries && sed -i "s/root=[^ ]*/root=${NOWHERE}/" *+1.conf && sync`,
        says: new RegExp(NOWHERE),
      },
    ],
    [
      'whose systemd crashes',
      {
        etc: requiredBy('multi-user.target', 'ExecStart=/bin/kill -SEGV 1'),
        says: /systemd.*(?:crash|Caught <SEGV>)|Rebooting/i,
      },
    ],
    [
      'that waits for a unit without end, early',
      {
        etc: {
          ...requiredBy('sysinit.target', 'TimeoutStartSec=infinity', 'ExecStart=/bin/sleep infinity'),
          ...GIVE_UP_SOON,
        },
        says: /bad\.service|A start job is running/,
      },
    ],
    [
      'a unit of which fails again and again',
      {
        etc: {
          ...requiredBy(
            'boot-complete.target',
            ...[
              'Restart=on-failure',
              'RestartSec=1',
              'ExecStart=/bin/false',
              '[Unit]',
              'StartLimitIntervalSec=0',
            ],
          ),
          ...GIVE_UP_SOON,
        },
        says: /bad\.service/,
      },
    ],
    [
      'that finds a mount of /etc/fstab missing',
      {
        etc: { fstab: `${NOWHERE} /mnt ext4 x-systemd.device-timeout=5s 0 2\n` },
        says: /emergency mode/i,
      },
    ],
    [
      'that finds something wrong itself',
      {
        etc: { 'apt-layer/health.d/no': '#!/bin/sh\necho broken; exit 1\n' },
        says: /Linux version [\s\S]*Linux version /,
      },
    ],
  ])('%s', async (_, bad) => {
    await comesBackFrom(bad);
    await expectWell(vm, { gaveUp: true });
    expect(await first()).toBe(good);
  });

  it('that fills the disk, and does not lose its state for it', async () => {
    const bad = await comesBackFrom({
      etc: {
        fill: FILL,
        ...requiredBy('boot-complete.target', 'ExecStart=/etc/fill'),
        ...GIVE_UP_SOON,
      },
      says: /bad\.service/,
    });
    expect(await vm.must('df --output=avail /sysroot | tail -n 1')).toBe('0');
    expect(JSON.parse(await vm.must('apt-layer --json status'))).toMatchObject({
      deployments: expect.arrayContaining([expect.objectContaining({ id: good, booted: true })]),
    });
    await vm.must('rm -r /var/fill; sync');
    await vm.reboot();
    await expectWell(vm, { gaveUp: 'perhaps' });
    expect(await first()).toBe(good);
    const { deployments } = JSON.parse(await vm.must('apt-layer --json status')) as {
      deployments: unknown[];
    };
    expect(deployments).toContainEqual(expect.objectContaining({ id: bad, bad: true }));
  });
});
