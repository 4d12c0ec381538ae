import type { CommandDefinition } from '../definition.ts';
import { EFFECT, UNCHANGED } from './build.ts';

/** Verbs about booting: what the boot loader is told, and what units call at boot and shutdown. */
export const bootCommands: readonly CommandDefinition[] = [
  {
    path: ['kargs'],
    group: 'boot',
    summary: 'show or change the kernel arguments',
    description:
      'Without an option it shows the kernel command line of a deployment and who brought each argument: the spec, a file of ' +
      'the image in /usr/lib/apt-layer/kargs.d or /usr/lib/bootc/kargs.d, the machine (how its disk is found), or apt-layer itself.\n\n' +
      'With options it changes `kernel-arguments` of the spec, deleting first, then replacing, then appending, and makes a ' +
      'new deployment of the same image. What others than the spec brought cannot be taken away here.',
    options: [
      { name: 'append', value: 'KEY=VALUE', description: 'add an argument at the end', repeatable: true },
      {
        name: 'append-if-missing',
        value: 'KEY=VALUE',
        description: 'the same, when it is not there',
        repeatable: true,
      },
      { name: 'delete', value: 'KEY=VALUE', description: 'take an argument away', repeatable: true },
      {
        name: 'delete-if-present',
        value: 'KEY=VALUE',
        description: 'the same, when it is there',
        repeatable: true,
      },
      {
        name: 'replace',
        value: 'KEY=OLD=NEW',
        description: 'another value; KEY=NEW where there is one only',
        repeatable: true,
      },
      { name: 'editor', description: 'change the list of the spec in an editor' },
      { name: 'deployment', value: 'ID', description: 'show those of this deployment', default: '0' },
      ...EFFECT,
      UNCHANGED,
    ],
    examples: [
      { command: 'kargs', does: 'show them, and where they are from' },
      { command: 'kargs --append console=ttyS0 --delete quiet', does: 'change two' },
      { command: 'kargs --replace console=ttyS0=ttyS1', does: 'another value for one of several' },
    ],
    mutates: true,
    load: () => import('../kargs.ts'),
  },
  {
    path: ['unstage'],
    group: 'deployment',
    summary: 'drop the deployment that waits for the shutdown',
    description:
      'Forgets the staged deployment: the next boot takes what runs now. The spec it was made from goes with it.',
    examples: [{ command: 'unstage', does: 'stay with what runs' }],
    mutates: true,
    needsRoot: 'to-change',
    load: () => import('../unstage.ts'),
  },
  {
    path: ['finalize'],
    group: 'boot',
    summary: 'give the staged deployment its /etc and boot entry',
    description:
      'Merges the /etc of the running system into that of the staged deployment and writes its kernel and boot entry. A unit ' +
      'calls it at shutdown; by hand it is for machines that are never shut down in order.\n\n' +
      'With --at-boot it first takes over what the boot loader did: deployments that did not come up are abandoned.',
    options: [{ name: 'at-boot', description: 'early in a boot; what is staged stays so until shutdown' }],
    examples: [{ command: 'finalize', does: 'make what is staged the default now' }],
    needsRoot: true,
    load: () => import('../finalize.ts'),
  },
  {
    path: ['confirm'],
    group: 'boot',
    summary: 'say that the running deployment came up well',
    description:
      'Runs the health checks, executables in /etc/apt-layer/health.d, and when all pass tells the boot loader not to count ' +
      'attempts any more. A unit calls it once a boot is complete.',
    options: [
      {
        name: 'reboot-on-failure',
        description: 'when a check fails and the deployment was never confirmed, restart',
      },
      {
        name: 'give-up',
        description: 'confirm nothing; restart when the deployment was never confirmed',
      },
    ],
    examples: [{ command: 'confirm', does: 'keep what runs' }],
    needsRoot: true,
    load: () => import('../confirm.ts'),
  },
  {
    path: ['usroverlay'],
    group: 'boot',
    summary: 'make /usr writable until the next boot',
    description:
      'Puts a writable layer in memory over /usr of the running system, to try something out. It goes with the next boot, and no ' +
      'deployment has it.',
    examples: [{ command: 'usroverlay', does: 'then `apt-get install` works, for now' }],
    needsRoot: true,
    load: () => import('../usroverlay.ts'),
  },
  {
    path: ['apply-live'],
    group: 'boot',
    summary: 'bring new packages into the running system',
    description:
      'Puts /usr of the next deployment (or of ID) in the place of the running one, without a restart, with what is new in its /etc and ' +
      '/var. Says which units still run what was replaced. The next boot takes the deployment itself.\n\n' +
      'Packages that run in another version, or would go, are refused without --allow-replacement.',
    arguments: [{ name: 'ID', description: 'deployment; default: the next one', kind: 'optional' }],
    options: [{ name: 'allow-replacement', description: 'also when packages are replaced or removed' }],
    examples: [{ command: 'apply-live', does: 'use what `layer` has just brought' }],
    mutates: true,
    needsRoot: true,
    load: () => import('../apply-live.ts'),
  },
  {
    path: ['soft-reboot'],
    group: 'boot',
    summary: 'restart into the next deployment, not the kernel',
    description:
      'Ends all services and starts those of the next deployment, while the kernel goes on. Refused when that has another kernel or ' +
      'other kernel arguments.',
    examples: [{ command: 'soft-reboot', does: 'restart user space only' }],
    mutates: true,
    needsRoot: true,
    load: () => import('../soft-reboot.ts'),
  },
  {
    path: ['bootloader', 'once'],
    group: 'boot',
    summary: 'boot a deployment once',
    description:
      'Has the next boot take a deployment, and the one after that the default again. With systemd-boot that is a variable of the ' +
      'firmware, with GRUB one of its environment.',
    arguments: [
      {
        name: 'DEPLOYMENT',
        description: 'id, unique prefix, image digest prefix or index',
      },
    ],
    examples: [{ command: 'bootloader once 1', does: 'try the deployment before with the next restart' }],
    mutates: true,
    needsRoot: true,
    load: () => import('../bootloader-once.ts'),
  },
  {
    path: ['bootloader', 'require-verity'],
    group: 'boot',
    summary: 'protect the store by fs-verity and require it',
    description:
      'Switches fs-verity on for every object of the store, checks each against its name, and has each boot entry require it. From the ' +
      'next boot on the kernel refuses changed bytes when they are read, and the initramfs refuses a changed image. For installations ' +
      'made where the kernel had no fs-verity; on others it is on already. `aptlayer.verity=0`, typed in the boot menu, boots without.',
    examples: [{ command: 'bootloader require-verity', does: 'do it once, after installing' }],
    needsRoot: true,
    load: () => import('../bootloader-require-verity.ts'),
  },
  {
    path: ['bootloader', 'status'],
    group: 'boot',
    summary: 'show what the boot loader has',
    description: 'Shows the boot loader, where it reads from, and its entries with their attempts.',
    examples: [{ command: 'bootloader status', does: 'show what is there' }],
    needsRoot: true,
    load: () => import('../bootloader-status.ts'),
  },
];
