import { AptLayerError } from '../errors/index.ts';
import { CommandFailed } from '../process/index.ts';

/** What a failed mount means, from mount(8)'s words: a kernel without the file system, or rights that are missing. */
export function explainMountFailure(error: unknown): unknown {
  if (!(error instanceof CommandFailed)) return error;
  const said = error.stderrTail;
  const place = /^apt-layer: (\/\w+ of the image is not a directory)$/m.exec(said)?.[1];
  if (place !== undefined) return notDirectory(place);
  const unknown = /unknown filesystem type '(\w+)'/.exec(said)?.[1] ?? missingModule(said);
  if (unknown !== undefined)
    return new AptLayerError(
      'HOST_UNSUPPORTED',
      `the kernel has no ${unknown}, which mounting an image needs`,
      {
        hint: `try \`modprobe ${unknown}\`; Debian's own kernels from 6.1 on have it`,
        cause: error,
      },
    );
  if (/failed to setup loop device|no free loop|cannot find .*loop/i.test(said))
    return new AptLayerError('HOST_UNSUPPORTED', 'the host has no loop device for mounting an image', {
      hint: 'try `modprobe loop`; from Linux 6.12 on none is needed',
      cause: error,
    });
  if (/(?:unshare|mount)[^\n]*(?:Operation not permitted|permission denied|must be superuser)/i.test(said))
    return new AptLayerError('PERMISSION', 'mounting an image is not permitted here', {
      hint: 'run it as root, and in a container with the right to mount (CAP_SYS_ADMIN)',
      cause: error,
    });
  return error;
}

/** A directory of the image over which another is shown; through a link that would happen somewhere else. */
export function notDirectory(what: string): AptLayerError {
  return new AptLayerError('FAILED', `${what}, so nothing can be mounted there`, {
    hint: 'do not trust this image: one that apt-layer built has directories there',
  });
}

function missingModule(said: string): string | undefined {
  return /mount: [^\n]*(erofs|overlay)[^\n]*(?:No such device|not supported by kernel)/i.exec(said)?.[1];
}
