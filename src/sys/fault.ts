import { EIO, ENOSPC, errnoError } from './errno.ts';
import type { SysPath } from './sys.ts';

/**
 * Fault injection: at the `at`-th mutating call of the process (counted over all its threads, from 1) die as by a
 * power cut, or fail with an errno. `counter` is shared with worker threads.
 */
export interface Fault {
  readonly kind: 'die' | 'eio' | 'enospc';
  readonly at: number;
  readonly counter: Int32Array;
}

/** Reads `die:N`, `eio:N` or `enospc:N`; undefined when the text is not of that form. */
export function parseFault(text: string): Fault | undefined {
  const match = /^(die|eio|enospc):(\d{1,9})$/.exec(text);
  if (match === null) return undefined;
  const kind = match[1] as Fault['kind'];
  return { kind, at: Number(match[2]), counter: new Int32Array(new SharedArrayBuffer(4)) };
}

/** Called before each mutating call. */
export type Mutating = (syscall: string, path: SysPath | undefined) => void;

export function faultHook(fault: Fault | undefined): Mutating {
  if (fault === undefined) return () => undefined;
  return (syscall, path) => {
    const count = Atomics.add(fault.counter, 0, 1) + 1;
    // An error strikes once and what follows is cleaning up; death is death.
    if (count !== fault.at) return;
    switch (fault.kind) {
      case 'die':
        process.kill(process.pid, 'SIGKILL');
        return;
      case 'eio':
        throw errnoError(EIO, syscall, path);
      case 'enospc':
        throw errnoError(ENOSPC, syscall, path);
    }
  };
}
