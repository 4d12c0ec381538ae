import type { Host } from '../host/index.ts';
import type { Command } from '../process/index.ts';
import { holdLimited } from './control-group.ts';
import type { GroupLimits } from './limits.ts';
import { explainMountFailure } from './mount-failure.ts';
import { lowerDirectories, type MountableImage, OVERLAY_OPTIONS } from './overlay.ts';

export interface ScratchOptions {
  readonly image: MountableImage;
  /** An empty directory of ours. Without `tmpfsBytes` what is written goes below it. */
  readonly directory: string;
  /** Keeps what is written in memory, at most this much, instead of on disk. */
  readonly tmpfsBytes?: number;
  /** The mounted root cannot be written to, and neither can `over`. */
  readonly readOnly?: boolean;
  /** Directories shown in place of top-level directories of the image, each below a writable layer of its own. */
  readonly over?: readonly { readonly name: string; readonly source: string }[];
}

/**
 * An image mounted with a writable layer above, in a mount namespace of its own: no other process sees the mounts,
 * and they vanish with the process that holds them, so a killed run leaves none behind. What runs in it is in a process
 * namespace, all of which ends with that process, too.
 */
export interface Scratch {
  /** Process that holds the mount namespace, and above the first one of a process namespace; `nsenter` takes both. */
  readonly pid: number;
  /** The mounted root, as seen inside the namespace. */
  readonly root: string;
  /** A root with the programs of the mounted one, for what leads into it by chroot(2); as seen inside the namespace. */
  readonly outerRoot: string;
  /** A copy of /proc/sys that can be written to, and nothing comes of it; as seen inside the namespace. */
  readonly kernelSettings: string;
  /** The writable layer, as seen from outside (through /proc when it is in memory). */
  readonly upper: string;
  /** Whether files in `upper` may be renamed into the store: they are on its file system. */
  readonly upperOnDisk: boolean;
  /** The mounted root can be written to. */
  readonly writable: boolean;
  /** Of the control group that limits what runs in it: files that a process writes 0 to. Empty where there is none. */
  readonly entrances: readonly string[];
  /** What those limit. */
  readonly limits: GroupLimits;
  release(): Promise<void>;
}

// Arguments: directory, image, objects, lowerdir option, overlay options, tmpfs options or '', ro or rw, where the
// kernel's settings are kept until the next boot, then pairs of the name of a directory of the root and what is shown there. Paths of others reach overlay options only
// through bind mounts with names of ours, since a `:` or `,` in them would end the option.
//
// Links in the outer root are copied, never followed: what they say is the image's word, and would lead to the host here.
// Keys of the kernel that can only be written to are copied as empty files. The copy is renamed into its place whole, so that
// of two that make it at once either counts.
const MOUNT_SCRIPT = `set -eu
directory=$1 image=$2 objects=$3 lower=$4 overlay=$5 tmpfs=$6 access=$7 settings=$8
shift 8
if [ -n "$tmpfs" ]; then mount -t tmpfs -o "$tmpfs" apt-layer "$directory"; fi
cd "$directory"
mkdir -p lower objects upper work root
chmod 0755 upper
mount --bind "$objects" objects
mount -t erofs -o ro "$image" lower
mount -t overlay -o "$lower,$overlay" apt-layer root
while [ $# -gt 0 ]; do
  if [ -L "root/$1" ] || [ ! -d "root/$1" ]; then
    echo "apt-layer: /$1 of the image is not a directory" >&2
    exit 1
  fi
  mkdir -p "over-$1/lower" "over-$1/upper" "over-$1/work"
  mount --bind "$2" "over-$1/lower"
  if [ "$access" = ro ]; then
    mount -o remount,bind,ro "over-$1/lower"
    mount --bind "over-$1/lower" "root/$1"
  else
    chmod --reference="$2" "over-$1/upper"
    mount -t overlay -o "lowerdir=over-$1/lower,upperdir=over-$1/upper,workdir=over-$1/work" apt-layer "root/$1"
  fi
  shift 2
done
mkdir -p outer/target
for name in usr bin sbin lib lib32 lib64 libx32; do
  if [ -L "root/$name" ]; then cp -P "root/$name" outer/
  elif [ -d "root/$name" ]; then mkdir "outer/$name"; mount --bind "root/$name" "outer/$name"
  fi
done
if [ ! -d "$settings" ]; then
  (umask 022 && mkdir -p "\${settings%/*}")
  aside=$(mktemp -d "$settings-XXXXXX")
  cp -rx /proc/sys "$aside/sys" 2>/dev/null || :
  (cd /proc/sys && find . -xdev -type f ! -perm /0444 2>/dev/null) | while read -r key; do : >"$aside/sys/$key"; done
  mv -T "$aside/sys" "$settings" 2>/dev/null || :
  rm -rf "$aside"
fi
mkdir settings settings-lower settings-upper settings-work
chmod 0755 settings-upper
mount --bind "$settings" settings-lower
mount -t overlay -o lowerdir=settings-lower,upperdir=settings-upper,workdir=settings-work apt-layer settings
echo ready
exec cat >/dev/null`;

/** Mounts it. Throws HOST_UNSUPPORTED where the kernel cannot, else COMMAND_FAILED with mount's own words. */
export async function openScratch(host: Host, options: ScratchOptions): Promise<Scratch> {
  const { directory } = options;
  host.sys.leaveSessionKeyring();
  const limited = await holdLimited(host, mountCommand(host, options)).catch((error: unknown) => {
    throw explainMountFailure(error);
  });
  const { held } = limited;
  const inMemory = options.tmpfsBytes !== undefined;
  return {
    pid: held.pid,
    root: `${directory}/root`,
    outerRoot: `${directory}/outer`,
    kernelSettings: `${directory}/settings`,
    upper: `${inMemory ? `/proc/${held.pid}/root` : ''}${directory}/upper`,
    upperOnDisk: !inMemory,
    writable: options.readOnly !== true,
    entrances: limited.entrances,
    limits: limited.limits,
    async release() {
      await held.release();
      await limited.remove();
    },
  };
}

function mountCommand(host: Host, options: ScratchOptions): Command {
  const { directory, image, tmpfsBytes } = options;
  const lower = lowerDirectories(host.kernelRelease, 'lower', 'objects');
  // volatile: nothing here has to survive a crash, so no sync of the upper layer is worth its time.
  const layers = options.readOnly ? 'ro' : 'upperdir=upper,workdir=work,index=off,volatile';
  const tmpfs = tmpfsBytes === undefined ? '' : `mode=0755,size=${tmpfsBytes},nr_inodes=0`;
  const inNamespace = [
    ...['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'],
    // bwrap looks itself up there.
    '--mount-proc',
    ...['sh', '-c', MOUNT_SCRIPT, 'sh'],
  ];
  const settings = `${host.runDirectory}/kernel-settings`;
  const over = (options.over ?? []).flatMap(({ name, source }) => [name, source]);
  return {
    tool: 'setpriv',
    args: [
      ...['--pdeathsig', 'KILL', ...inNamespace, directory, image.imagePath, image.objectsPath],
      ...[lower, `${OVERLAY_OPTIONS},${layers}`, tmpfs, options.readOnly ? 'ro' : 'rw', settings, ...over],
    ],
  };
}

/** Runs `action` with the scratch root mounted, and unmounts it whatever happens. */
export async function withScratch<T>(
  host: Host,
  options: ScratchOptions,
  action: (scratch: Scratch) => Promise<T>,
): Promise<T> {
  const scratch = await openScratch(host, options);
  try {
    return await action(scratch);
  } finally {
    await scratch.release();
  }
}
