import { posix } from 'node:path';
import type { Vm } from './vm.ts';

/**
 * Makes a deployment that has the kernel arguments `words` besides, and leaves it one attempt to boot instead of three: what the first does, the
 * others do. Of systemd-boot. The next boot takes it.
 */
export async function stageBad(vm: Vm, words: string): Promise<void> {
  const appended = words.split(' ').map(word => `--append ${word}`);
  await vm.must(`apt-layer kargs ${appended.join(' ')}`);
  // Finalizes, as at a shutdown, which has nothing to do for it then.
  await vm.must('systemctl stop apt-layer-finalize.service');
  await vm.must('cd /boot/loader/entries && mv *+3.conf "$(basename *+3.conf +3.conf)+1.conf" && sync');
}

/** Adds text to files of /etc in the deployment `id`, which need not be there; scripts become executable. */
export async function addToEtc(vm: Vm, id: string, files: Readonly<Record<string, string>>): Promise<void> {
  const commands = Object.entries(files).map(([path, text]) => {
    const add = `mkdir -p ${posix.dirname(path)} && echo ${Buffer.from(text).toString('base64')} | base64 -d >>${path}`;
    return text.startsWith('#!') ? `${add} && chmod 755 ${path}` : add;
  });
  const inEtc = `cd /sysroot/state/deploy/${id}/etc && ${commands.join(' && ')} && sync`;
  // Where it can be written to, as for the program.
  await vm.must(`unshare --mount sh -ec 'mount -o remount,bind,rw /sysroot; ${inEtc}'`);
}

/** Files of /etc by which `target` waits for a service with these lines, and cannot do without it. */
export function requiredBy(target: string, ...service: readonly string[]): Record<string, string> {
  const unit = ['[Unit]', 'DefaultDependencies=no', '[Service]', 'Type=oneshot', ...service];
  return {
    'systemd/system/bad.service': `${unit.join('\n')}\n`,
    [`systemd/system/${target}.d/bad.conf`]: '[Unit]\nRequires=bad.service\nAfter=bad.service\n',
  };
}
