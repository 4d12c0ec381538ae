import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute, must } from '../support/command.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { installedDisk } from './support/installed.ts';
import { overlay } from './support/system.ts';
import { startVm } from './support/vm.ts';

const work = temporaryDirectory('power-cut');
const CUTS = 10;
/** Those that are booted; each takes more than a minute. */
const BOOTED = [2, 8];

let disk: string;
/** How long it takes to finalize, in milliseconds. */
let duration: number;

interface Partition {
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

/** The partitions of a raw disk as files of their own, by name. */
async function partitions(raw: string): Promise<Map<string, string>> {
  const table = JSON.parse(await must('sfdisk', ['--json', raw])) as {
    partitiontable: { partitions: Partition[] };
  };
  const files = new Map<string, string>();
  for (const { name, start, size } of table.partitiontable.partitions) {
    const file = `${raw}.${name}`;
    const range = [`skip=${start}`, `count=${size}`];
    await must('dd', [`if=${raw}`, `of=${file}`, 'bs=512', 'conv=sparse', 'status=none', ...range]);
    files.set(name, file);
  }
  return files;
}

/** Plays the journal back, as the next mount does, and then checks that nothing is wrong. */
async function assertClean(file: string): Promise<void> {
  await execute('e2fsck', ['-p', file]);
  const { code, stdout } = await execute('e2fsck', ['-f', '-n', file]);
  expect(stdout).not.toMatch(/WARNING/);
  expect(code).toBe(0);
}

const debugfs = async (file: string, command: string) =>
  (await execute('debugfs', ['-R', command, file])).stdout;

/** The kernel arguments of what GRUB takes, whose kernels must be there in full. */
async function defaultArguments(boot: string): Promise<string> {
  const text = await debugfs(boot, 'cat /grub/custom.cfg');
  const id = /set default='([^']+)'/.exec(text)?.[1];
  const entry = text.split(`--id '${id}'`)[1]?.split('\n}')[0] ?? '';
  const files = [...entry.matchAll(/^ {2}(?:linux|initrd) (\S+)/gm)].map(found => found[1] ?? '');
  expect(files).toHaveLength(2);
  for (const file of files) {
    const copy = `${boot}.copy`;
    await debugfs(boot, `dump ${file} ${copy}`);
    const digest = (await must('fsverity', ['digest', '--compact', copy])).trim();
    expect(file).toContain(digest.slice(0, 16));
  }
  return entry;
}

describe.runIf(process.env['APT_LAYER_VM'] === 'all')(
  'power that fails while a deployment is finalized',
  () => {
    beforeAll(async () => {
      disk = await overlay(
        await installedDisk(work, { install: ['--bootloader', 'grub'] }),
        work.join('cut.qcow2'),
      );
      await using vm = await startVm({ disk, firmware: 'seabios' });
      await vm.ready(600);
      await vm.must('systemctl start apt-layer-confirm.service', 300);
      await vm.must('apt-layer kargs --append cut=1', 300);
      await vm.must('sync');
      await vm.save('staged');
      const started = Date.now();
      await vm.must('apt-layer finalize', 300);
      duration = Date.now() - started;
    }, 1_800_000);
    afterAll(() => work[Symbol.asyncDispose]());

    it.each(Array.from({ length: CUTS }, (_, index) => index))(
      'leaves the old or the new default, and clean file systems (%i)',
      async index => {
        // One moment in each tenth.
        const moment = ((index + Math.random()) / CUTS) * duration;
        {
          await using vm = await startVm({ disk, firmware: 'seabios', snapshot: 'staged' });
          const finalizing = vm.run('apt-layer finalize', 300).catch(() => undefined);
          await new Promise(resolve => setTimeout(resolve, moment));
          await vm.kill();
          await finalizing;
        }
        const raw = work.join('cut.img');
        await must('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', disk, raw]);
        const files = await partitions(raw);
        const [boot, root] = [files.get('boot') ?? '', files.get('root') ?? ''];
        await assertClean(boot);
        await assertClean(root);
        const entry = await defaultArguments(boot);
        const deployment = /aptlayer\.deployment=([\w.-]+)/.exec(entry)?.[1];
        expect(await debugfs(root, `stat /state/deploy/${deployment}/etc`)).toContain('Type: directory');
        for (const file of [raw, ...files.values()]) fs.rmSync(file);
        if (!BOOTED.includes(index)) return;
        await using vm = await startVm({ disk, firmware: 'seabios' });
        await vm.ready(600);
        const expected = entry.includes("'cut=1'");
        expect((await vm.must('cat /proc/cmdline')).includes('cut=1')).toBe(expected);
        await vm.must('systemctl start apt-layer-confirm.service', 300);
        expect(await vm.must('systemctl --failed --no-legend')).toBe('');
      },
      900_000,
    );
  },
);
