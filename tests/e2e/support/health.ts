import { expect } from 'vitest';
import { EVENTS } from '../../../src/deployment/events.ts';
import { CONFIRMED, type Vm } from './vm.ts';

interface JournalEntry {
  readonly PRIORITY?: string;
  readonly MESSAGE?: unknown;
  readonly UNIT?: string;
  readonly _SYSTEMD_UNIT?: string;
  readonly SYSLOG_IDENTIFIER?: string;
  readonly MESSAGE_ID?: string;
}

const WARNING = 4;
const AS_NOBODY = 'setpriv --reuid=65534 --regid=65534 --clear-groups';
/** What no console of a boot that is well says, escapes aside. The second is a program that an initramfs does not have. */
const BAD_ON_CONSOLE = /\[ *FAILED *\].*|\S+: not found$|.*[Ee]mergency [Mm]ode.*|.*apt-layer: .*cannot.*/gm;
/** Makes what /run, /var and /etc lack at boot: in an image some of it is links, or read-only. Debian's own files give it nothing to complain of. */
const TMPFILES = 'systemd-tmpfiles';

/** What the boot says that came up after a deployment was given up: no fault, but news that must be there. */
const GAVE_UP = /^in the journal: warning: \S+ did not come up, and will not be tried again$/;

/** What a boot is known to have gone through. */
interface Expected {
  /** Another deployment was given up for this one; `perhaps` where an earlier boot may have said so, or could not write that it has. */
  readonly gaveUp?: boolean | 'perhaps';
}

/** Waits until a boot is confirmed and what that starts is done, and says all that is wrong with the machine then: nothing when it is well. */
export async function faults(vm: Vm, { gaveUp = false }: Expected = {}): Promise<string[]> {
  const found = await allFaults(vm);
  if (gaveUp === false) return found;
  const others = found.filter(line => !GAVE_UP.test(line));
  const times = found.length - others.length;
  const isRight = times === 1 || (times === 0 && gaveUp === 'perhaps');
  return isRight ? others : [...found, 'not said once: that one was given up'];
}

async function allFaults(vm: Vm): Promise<string[]> {
  const confirmed = await vm.run(CONFIRMED, 2400);
  const failed = await vm.must('systemctl --failed --no-legend --plain');
  const found = [
    ...(confirmed.code === 0 ? [] : [`not confirmed: ${confirmed.stderr}`]),
    ...lines(failed).map(line => `failed: ${line}`),
    ...(await statusFaults(vm, '')),
    ...(await statusFaults(vm, AS_NOBODY)),
    ...journalFaults(await vm.must('journalctl --boot --output=json --priority=info --no-pager')),
  ];
  const boot = vm.console.slice(Math.max(0, vm.console.lastIndexOf('Linux version ')));
  return [...found, ...[...boot.matchAll(BAD_ON_CONSOLE)].map(([line]) => `on the console: ${line}`)];
}

/** Fails with what is wrong with a machine. Each test that boots one ends a boot with it. */
export async function expectWell(vm: Vm, expected?: Expected): Promise<void> {
  expect(await faults(vm, expected)).toStrictEqual([]);
}

async function statusFaults(vm: Vm, as: string): Promise<string[]> {
  const who = as === '' ? 'root' : 'a user';
  const booted = JSON.parse(await vm.must('cat /run/apt-layer/booted')) as { deployment: string };
  const { code, stdout, stderr } = await vm.run(`${as} apt-layer --json status`);
  if (code !== 0) return [`status does not work for ${who}: ${stderr}`];
  const { deployments } = JSON.parse(stdout) as { deployments: { id: string; booted: boolean }[] };
  const running = deployments.filter(one => one.booted).map(one => one.id);
  return running.join() === booted.deployment ? [] : [`status for ${who} says that ${running.join()} runs`];
}

/** Errors and warnings of our units and of our program, and those of others that have to do with us. */
function journalFaults(text: string): string[] {
  return lines(text).flatMap(line => {
    const entry = JSON.parse(line) as JournalEntry;
    const message = String(entry.MESSAGE);
    const { UNIT, _SYSTEMD_UNIT, SYSLOG_IDENTIFIER } = entry;
    const isOurs = [UNIT, _SYSTEMD_UNIT, SYSLOG_IDENTIFIER].some(name =>
      /^apt-layer(?!-test)/.test(name ?? ''),
    );
    const isAboutUs = isOurs || SYSLOG_IDENTIFIER === TMPFILES || message.includes('apt-layer');
    // That another deployment was given up is the news of a boot that is well.
    const isBad = Number(entry.PRIORITY) <= WARNING && entry.MESSAGE_ID !== EVENTS.abandoned;
    const saysSo = isOurs && /^(?:error|bug):/i.test(message);
    return (isBad && isAboutUs) || saysSo ? [`in the journal: ${message}`] : [];
  });
}

function lines(text: string): string[] {
  return text.split('\n').filter(line => line !== '');
}
