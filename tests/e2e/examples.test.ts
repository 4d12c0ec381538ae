import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { must } from '../support/command.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayerMust } from '../support/program.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { expectWell } from './support/health.ts';
import { checkoutPackage } from './support/machine-spec.ts';
import { startVm, type Vm } from './support/vm.ts';

const PACKAGES_MAX = 150;
const SERVER = 'examples/debian-13-server.yaml';

let work: TemporaryDirectory;

const read = (name: string) => fs.readFileSync(path.join(CHECKOUT, name), 'utf8');

/** The commands of README, from the first example to the disk. */
function commandsOfReadme(): string[] {
  const [text = ''] = /^## An example$[\s\S]*(?=^## What there is)/m.exec(read('README.md')) ?? [];
  return [...text.matchAll(/^ {4}\$ ((?:apt-layer|echo) .*)$/gm)].map(found => found[1] ?? '');
}

/** The commands in the comment at the start of a spec. */
function commandsOf(example: string): string[] {
  return [...read(example).matchAll(/^# {3}(apt-layer .*)$/gm)].map(found => found[1] ?? '');
}

/** Runs commands of documents to the letter, in a directory that has what a checkout has, and with a sysroot of their own; returns the sysroot. */
async function follow(commands: readonly string[]): Promise<string> {
  const deb = await checkoutPackage(work);
  const sysroot = work.join('sysroot');
  fs.symlinkSync(path.join(CHECKOUT, 'examples'), work.join('examples'));
  fs.mkdirSync(work.join('dist'));
  fs.symlinkSync(path.dirname(deb), work.join('dist/deb'));
  fs.symlinkSync(deb, work.join('apt-layer_VERSION_all.deb'));
  const program = `apt-layer() { ${CHECKOUT}/bin/apt-layer --sysroot ${sysroot} "$@"; }`;
  await must('bash', ['-c', `set -e; cd ${work.path}; ${program}\n${commands.join('\n')}`]);
  return sysroot;
}

async function isWellAfterARestart(vm: Vm): Promise<void> {
  await vm.ready();
  await expectWell(vm);
  await vm.reboot();
  await expectWell(vm);
}

// As their own comments and README say, and nothing else in them: what talks to the tests comes from outside.
describe.runIf(process.env['APT_LAYER_VM'] === 'all')('the examples on a disk', () => {
  afterEach(() => work[Symbol.asyncDispose]());

  it('a server: has few packages, comes up, and knows its name when it gets another', async () => {
    work = temporaryDirectory('server');
    const sysroot = await follow(commandsOf(SERVER));
    // Of the example itself: the program that is layered on it brings what it needs.
    const { packages } = (await aptLayerMust(sysroot, ['--json', 'db', 'list', '1'])).json() as {
      packages: unknown[];
    };
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.length).toBeLessThanOrEqual(PACKAGES_MAX);
    await using vm = await startVm({ disk: work.join('server.img'), firmware: 'ovmf' });
    await isWellAfterARestart(vm);
    await vm.must('hostnamectl hostname renamed');
    expect(await vm.run('runuser -u admin -- sudo -n id -u')).toMatchObject({ stdout: '0\n', stderr: '' });
  });

  it('the example of README: comes up, and lets root in', async () => {
    work = temporaryDirectory('readme');
    await follow(commandsOfReadme());
    await using vm = await startVm({ disk: work.join('disk.img'), firmware: 'ovmf' });
    await isWellAfterARestart(vm);
    vm.type('root\n');
    await vm.expect(/Password: /, 300);
    vm.type('secret\n');
    await vm.expect(/root@.*:~#/, 300);
  });
});
