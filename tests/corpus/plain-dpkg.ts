import fs from 'node:fs';
import path from 'node:path';
import { execute, must } from '../support/command.ts';

/** A plain root in which dpkg does what it is told: an overlay on a base, which stays as it is. */
export interface PlainDpkg extends AsyncDisposable {
  /** The root as it is now. */
  readonly root: string;
  dpkg(...args: string[]): Promise<{ readonly code: number; readonly said: string }>;
  /** What `dpkg --audit` says; empty where all is well. */
  audit(): Promise<string>;
}

/** Questions about configuration are answered as a machine without a terminal has to: the old file stays. */
const OPTIONS = ['--force-unsafe-io', '--force-confdef', '--force-confold'];

// Scripts may not change the kernel's settings of this machine.
const CHROOT = `mount -t proc proc "$1/proc"; mount -o bind,ro "$1/proc/sys" "$1/proc/sys"; printf '#!/bin/sh\\nexit 101\\n' >"$1/usr/sbin/policy-rc.d"
chmod 0755 "$1/usr/sbin/policy-rc.d"; root=$1; shift; code=0
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \\
  chroot "$root" "$@" </dev/null || code=$?
rm -f "$root/usr/sbin/policy-rc.d"; exit $code`;

export async function plainDpkg(base: string, directory: string): Promise<PlainDpkg> {
  const at = (name: string) => path.join(directory, name);
  for (const name of ['upper', 'work', 'root']) fs.mkdirSync(at(name), { recursive: true });
  const options = `lowerdir=${base},upperdir=${at('upper')},workdir=${at('work')},volatile`;
  await must('mount', ['-t', 'overlay', '-o', options, 'overlay', at('root')]);
  const inRoot = async (...command: string[]) => {
    const namespaces = ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', CHROOT, 'sh', at('root')];
    const { code, stdout, stderr } = await execute('unshare', [...namespaces, ...command], {
      timeoutMs: 300_000,
    });
    return { code, said: `${stdout}${stderr}` };
  };
  return {
    root: at('root'),
    async dpkg(...args) {
      const debs = args.filter(arg => arg.endsWith('.deb'));
      for (const deb of debs) fs.copyFileSync(deb, `${at('root')}/tmp/${path.basename(deb)}`);
      const inside = args.map(arg => (arg.endsWith('.deb') ? `/tmp/${path.basename(arg)}` : arg));
      const result = await inRoot('dpkg', ...OPTIONS, ...inside);
      for (const deb of debs) fs.rmSync(`${at('root')}/tmp/${path.basename(deb)}`);
      return result;
    },
    audit: async () => (await inRoot('dpkg', '--audit')).said,
    async [Symbol.asyncDispose]() {
      await must('umount', [at('root')]);
      await must('rm', ['-rf', '--', directory]);
    },
  };
}
