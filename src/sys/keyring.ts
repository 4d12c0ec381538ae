import { errnoError } from './errno.ts';
import { native } from './native.ts';

/** The number of keyctl(2), by node's name of the processor. */
const KEYCTL: Readonly<Record<string, number>> = {
  x64: 250,
  ia32: 288,
  arm: 311,
  arm64: 219,
  riscv64: 219,
  loong64: 219,
};
const KEYCTL_JOIN_SESSION_KEYRING = 1;
/** No keys in this kernel, or none for us: what we cannot ask for, what we start cannot either. */
const WITHOUT_KEYS: ReadonlySet<number> = new Set([1, 13, 38]);

let left = false;

/**
 * Gives this thread a session keyring of its own, with nothing in it; what it starts from then on has that one. The
 * second call does nothing. Throws an errno where the kernel has keys and gives no keyring.
 */
export function leaveSessionKeyring(): void {
  const number = KEYCTL[process.arch];
  if (left || number === undefined) return;
  const lib = native();
  if (lib.syscall(number, KEYCTL_JOIN_SESSION_KEYRING, null) < 0) {
    const errno = lib.errno();
    if (!WITHOUT_KEYS.has(errno)) throw errnoError(errno, 'keyctl', undefined);
  }
  left = true;
}
