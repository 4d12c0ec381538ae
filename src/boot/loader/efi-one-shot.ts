import { AptLayerError } from '../../errors/index.ts';
import type { Sys } from '../../sys/index.ts';

/** Vendor of systemd's variables (systemd.io/BOOT_LOADER_INTERFACE). */
const VARIABLE = 'LoaderEntryOneShot-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';
/** Kept over a restart, also for programs of the boot phase and of the system. */
const ATTRIBUTES = 7;

/**
 * Tells systemd-boot, by a variable of the firmware, which entry the next boot takes; it removes the variable when it has read it.
 * HOST_UNSUPPORTED where the firmware has no variables; FAILED where a choice was made before, and the kernel protects it.
 */
export function setOneShot(sys: Sys, directory: string, entry: string): void {
  if (sys.lstatIfExists(directory) === undefined)
    throw new AptLayerError(
      'HOST_UNSUPPORTED',
      'this machine was not started by UEFI, or shows no variables of it',
      {
        hint: `mount efivarfs on ${directory}`,
      },
    );
  const attributes = Buffer.alloc(4);
  attributes.writeUInt32LE(ATTRIBUTES);
  const value = Buffer.from(`${entry}\0`, 'utf16le');
  const path = `${directory}/${VARIABLE}`;
  removeVariable(sys, path);
  const fd = sys.create(path, 0o644);
  try {
    // efivarfs takes a variable in one write.
    sys.write(fd, Buffer.concat([attributes, value]));
  } finally {
    sys.close(fd);
  }
}

/** The kernel makes variables that it does not know immutable (efivarfs(5)). */
function removeVariable(sys: Sys, path: string): void {
  if (sys.lstatIfExists(path) === undefined) return;
  try {
    sys.unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    throw new AptLayerError('FAILED', `${path} has an earlier choice that cannot be removed`, {
      hint: `take its protection away: chattr -i ${path}`,
    });
  }
}
