import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute, must } from '../support/command.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { debugfs, extracted, type FileSystem } from './support/disk.ts';
import { expectWell } from './support/health.ts';
import { installedDisk } from './support/installed.ts';
import { overlay } from './support/system.ts';
import { startVm } from './support/vm.ts';

const work = temporaryDirectory('power-cut');
const ALL = process.env['APT_LAYER_VM'] === 'all';
/** Each takes half a minute or more: `npm run test:vm` has them. */
const CUTS = ALL ? 10 : 0;
/** Those that are booted, mostly one with the old default and one with the new; each takes most of a minute. */
const BOOTED = [2, CUTS - 1];

/** A cut is so much later, at most, than what it waits for; in milliseconds. */
const spans = { start: 0, etc: 0 };
let disk: string;
let staged: string;

/** Finalizes, and says on the console when the new /etc is in its place: from there on it is about what is booted. */
const finalize = () =>
  `(until [ -e /sysroot/state/deploy/${staged}/etc ]; do sleep 0.1; done; echo etc-is-there >/dev/ttyS0) & apt-layer finalize`;

/** Plays the journal back, as the next mount does, and then checks that nothing is wrong. */
async function assertClean(fileSystem: FileSystem): Promise<void> {
  const replayed = await execute('e2fsck', ['-p', fileSystem]);
  expect(replayed.code, replayed.stdout).toBeLessThanOrEqual(1);
  const { code, stdout } = await execute('e2fsck', ['-f', '-n', fileSystem]);
  expect(stdout).not.toMatch(/WARNING/);
  expect(code, stdout).toBe(0);
}

/** The deployment of the entry that is the default, which has attempts left, and whose kernel and initrd must be there in full. */
async function defaultDeployment(boot: FileSystem): Promise<string> {
  const text = await debugfs(boot, 'cat /grub/custom.cfg');
  const id = /set default='([^']+)'/.exec(text)?.[1];
  const environment = await debugfs(boot, 'cat /grub/apt-layer.env');
  // debugfs says nothing where there is no file.
  expect(environment).toMatch(/^# GRUB Environment Block/);
  expect(environment).not.toMatch(/_left_\w+=0$/m);
  const entry = text.split(`--id '${id}'`)[1]?.split('\n}')[0] ?? '';
  const files = [...entry.matchAll(/^ {2}(?:linux|initrd) (\S+)/gm)].map(found => found[1] ?? '');
  expect(files).toHaveLength(2);
  const copy = work.join('copy');
  for (const file of files) {
    await debugfs(boot, `dump ${file} ${copy}`);
    const digest = (await must('fsverity', ['digest', '--compact', copy])).trim();
    expect(file).toContain(digest.slice(0, 16));
    fs.rmSync(copy);
  }
  const deployment = /aptlayer\.deployment=([\w.-]+)/.exec(entry)?.[1];
  if (deployment === undefined) throw new Error(`the entry has no deployment: ${entry}`);
  return deployment;
}

const named = (deployment: string) => (deployment === staged ? 'new' : 'old');

describe('a machine that GRUB starts by BIOS', () => {
  beforeAll(async () => {
    disk = await overlay(
      await installedDisk(work, { install: ['--bootloader', 'grub'] }),
      work.join('cut.qcow2'),
    );
  });
  afterAll(() => work[Symbol.asyncDispose]());

  it('comes up, and stages a change', async () => {
    await using vm = await startVm({ disk, firmware: 'seabios' });
    await vm.ready();
    await expectWell(vm);
    await vm.must('apt-layer kargs --append cut=1');
    const { deployments } = JSON.parse(await vm.must('apt-layer --json status'));
    staged = deployments[0].id;
    await vm.must('sync');
    await vm.save('staged');
    const started = Date.now();
    const finalizing = vm.must(finalize());
    await vm.expect(/etc-is-there/, 900);
    const etc = Date.now();
    await finalizing;
    spans.start = Date.now() - started;
    spans.etc = Date.now() - etc;
  });

  it.for(Array.from({ length: CUTS }, (_, index) => index))(
    'has the old or the new default, and clean file systems, when power fails while that is finalized (%i)',
    async (index, { annotate }) => {
      // Every second one, and the last, is in the last fifth; all are in parts of equal length.
      const from = index % 2 === 1 || index === CUTS - 1 ? 'etc' : 'start';
      const moment = ((index + Math.random()) / CUTS) * spans[from];
      {
        await using vm = await startVm({ disk, firmware: 'seabios', snapshot: 'staged' });
        const finalizing = vm.run(finalize(), 300).catch(() => undefined);
        if (from === 'etc') await vm.expect(/etc-is-there/, 900);
        await sleep(moment);
        await vm.kill();
        await finalizing;
      }
      const raw = work.join('cut.img');
      await must('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', disk, raw]);
      const [boot, root] = [await extracted(raw, 'boot'), await extracted(raw, 'root')];
      // GRUB does not play the journal back: it is about what is in the file system itself, and then about what a mount makes of it.
      const forGrub = await defaultDeployment(boot);
      await assertClean(boot);
      await assertClean(root);
      const mounted = await defaultDeployment(boot);
      await annotate(
        `${Math.round(moment)} ms after ${from}: GRUB ${named(forGrub)}, mounted ${named(mounted)}`,
      );
      for (const id of [forGrub, mounted])
        expect(await debugfs(root, `stat /state/deploy/${id}/etc`)).toContain('Type: directory');
      for (const file of [raw, boot, root]) fs.rmSync(file);
      if (!BOOTED.includes(index)) return;
      await using vm = await startVm({ disk, firmware: 'seabios' });
      await vm.ready();
      expect((await vm.must('cat /proc/cmdline')).includes('cut=1')).toBe(forGrub === staged);
      await expectWell(vm);
    },
  );
});
