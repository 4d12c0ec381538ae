import type { Vm } from './vm.ts';

/**
 * Makes a deployment that has the kernel arguments `words` besides, and leaves it one attempt to boot instead of three: what the first does, the
 * others do. Of systemd-boot. The next boot takes it.
 */
export async function stageBad(vm: Vm, words: string): Promise<void> {
  const appended = words.split(' ').map(word => `--append ${word}`);
  await vm.must(`apt-layer kargs ${appended.join(' ')}`, 600);
  // Finalizes, as at a shutdown, which has nothing to do for it then.
  await vm.must('systemctl stop apt-layer-finalize.service', 600);
  await vm.must('cd /boot/loader/entries && mv *+3.conf "$(basename *+3.conf +3.conf)+1.conf" && sync');
}
