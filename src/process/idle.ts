/** What is done about a program that neither says anything nor uses a processor. */
export interface IdleOptions {
  /** So long it may; milliseconds. */
  readonly ms: number;
  /** Processor time that a program, by the number of its process, and all that belongs to it used; milliseconds that only grow. */
  readonly processorMs: (pid: number) => number;
  /** Command lines of what runs, those that others started last. */
  readonly running: (pid: number) => readonly string[];
}

/** A program that was ended for doing nothing. */
export interface Idled {
  readonly ms: number;
  readonly running: readonly string[];
}

/** What waits for something often looks every second whether it is there: less than this part of the time is nothing. */
const NOTHING = 0.01;
const CHECKS = 20;
const CHECK_MIN_MS = 20;
const CHECK_MAX_MS = 60_000;

/** Calls `onIdle`, once, when a program did nothing for so long. `heard` is for each time that it says something. */
export function watchIdle(
  options: IdleOptions,
  pid: number,
  onIdle: (idled: Idled) => void,
): { heard(): void; stop(): void } {
  const { ms } = options;
  let since = performance.now();
  let used = 0;
  let usedBefore = 0;
  const check = () => {
    const now = performance.now();
    used = options.processorMs(pid);
    if (used - usedBefore >= ms * NOTHING) {
      since = now;
      usedBefore = used;
    }
    if (now - since < ms) return;
    clearInterval(timer);
    onIdle({ ms, running: options.running(pid) });
  };
  const timer = setInterval(check, Math.min(CHECK_MAX_MS, Math.max(CHECK_MIN_MS, ms / CHECKS)));
  return {
    heard() {
      since = performance.now();
      usedBefore = used;
    },
    stop: () => clearInterval(timer),
  };
}
