import { step } from '../report/index.ts';
import { type Bind, runInSandbox, writeForSandbox } from '../sandbox/index.ts';
import { failing } from './failing.ts';
import type { DpkgTarget } from './target.ts';

/** Programs that make an initramfs. */
export type InitramfsProgram = 'mkinitramfs' | 'dracut';

/** Makes `/boot/initrd.img-VERSION`. No time in it depends on when that is. FAILED names the kernel. */
export function makeInitramfs(
  target: DpkgTarget,
  kernel: {
    readonly program: InitramfsProgram;
    readonly version: string;
    /** What it writes itself is as old; seconds. */
    readonly epochSeconds: number;
    /** Modules of dracut that it has in any case. */
    readonly dracutModules: readonly string[];
  },
): Promise<void> {
  const { host, scratch, onOutput } = target;
  const { program, version, epochSeconds, dracutModules } = kernel;
  const file = fileOf(version);
  const { command, binds } =
    program === 'dracut'
      ? dracut(target, [...dracutModules.flatMap(name => ['--add', name]), '--kver', version, file])
      : { command: ['mkinitramfs', '-o', file, version], binds: [] };
  // The day in the shadow file that systemd-sysusers makes for dracut comes from it as well.
  const environment = { SOURCE_DATE_EPOCH: String(epochSeconds) };
  return step(host.report, 'initramfs', `Making the initramfs of ${version}`, async () => {
    await failing(target, () =>
      runInSandbox(host, scratch, { command, environment, binds }, { onOutput, mergeOutput: true }),
    );
  });
}

// For any machine, and an initramfs as such, whatever the configuration says.
const DRACUT_OPTIONS = ['--force', '--reproducible', '--no-hostonly', '--no-uefi'];

const MKTEMP_DIRECTORY = '/run/apt-layer/mktemp';

// dracut has setupcon prepare the keyboard, and the names of setupcon's temporary files get into what that makes.
const DRACUT_SCRIPT = `setupcon() { PATH="${MKTEMP_DIRECTORY}:$PATH" command setupcon "$@"; }
export -f setupcon
exec dracut "$@"`;

/** mktemp(1) for a single template that ends with six X, with numbers in their place. */
const MKTEMP = `#!/bin/sh
number=1
until (umask 077; set -C; : >"\${1%XXXXXX}$number") 2>/dev/null; do
  [ -e "\${1%XXXXXX}$number" ] || exit 1
  number=$((number + 1))
done
echo "\${1%XXXXXX}$number"
`;

function dracut(target: DpkgTarget, args: readonly string[]): { command: string[]; binds: Bind[] } {
  const source = `${target.workDirectory}/mktemp`;
  writeForSandbox(target.host.sys, source, { bytes: Buffer.from(MKTEMP), mode: 0o755 });
  return {
    command: ['bash', '-c', DRACUT_SCRIPT, 'dracut', ...DRACUT_OPTIONS, ...args],
    binds: [{ source, target: `${MKTEMP_DIRECTORY}/mktemp` }],
  };
}

/** The paths of what is in `/boot/initrd.img-VERSION`, absolute, where they do not contain line feeds. */
export async function listInitramfs(
  target: DpkgTarget,
  { program, version }: { readonly program: InitramfsProgram; readonly version: string },
): Promise<string[]> {
  const { host, scratch, onOutput } = target;
  const command = [program === 'dracut' ? 'lsinitrd' : 'lsinitramfs', fileOf(version)];
  const environment = { LC_ALL: 'C' };
  const { stdout } = await failing(target, () =>
    runInSandbox(host, scratch, { command, environment }, { onOutput }),
  );
  const lines = stdout.toString('latin1').split('\n');
  const names = program === 'dracut' ? lines.flatMap(namesInListing) : lines;
  return names.filter(name => name !== '' && name !== '.').map(name => `/${name.replace(/^\.?\//, '')}`);
}

// Lines of `cpio --list --verbose`, and of those of `find -ls` and `unsquashfs -ll`, which lsinitrd prints of a squashed initramfs.
const LISTED =
  /^\s*(?:\d+\s+\d+\s+)?([-bcdlps])[-rwxsStT]{9}\s.*?\s(?:[A-Z][a-z]{2}\s+\d+\s+(?:\d+:\d+|\d{4})|\d{4}-\d\d-\d\d \d\d:\d\d)\s+(?:(?:squashfs|erofs)-root\/)?(.+)$/;

/** The name in a line that lsinitrd(1) prints; none in lines of other kinds. */
export function namesInListing(line: string): string[] {
  const [, kind, name] = LISTED.exec(line) ?? [];
  if (name === undefined) return [];
  return [kind === 'l' ? name.replace(/ -> .*$/, '') : name];
}

function fileOf(version: string): string {
  return `/boot/initrd.img-${version}`;
}
