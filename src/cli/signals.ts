import { AptLayerError } from '../errors/index.ts';

const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;
type StopSignal = keyof typeof SIGNALS;

export interface StopWatch {
  /** Aborts at the first signal; its reason is an AptLayerError of code INTERRUPTED. */
  readonly signal: AbortSignal;
  /** The number of the signal that came, if one did. */
  received(): number | undefined;
  /** Stops listening. */
  dispose(): void;
}

/** The part of `process` that is needed. */
export interface SignalSource {
  on(signal: StopSignal, listener: () => void): unknown;
  off(signal: StopSignal, listener: () => void): unknown;
}

/**
 * The first SIGINT, SIGTERM or SIGHUP asks the work to stop cleanly; the second calls `exitNow` with 128+N, which
 * the journal survives as it survives a crash.
 */
export function watchForStop(source: SignalSource, exitNow: (code: number) => void): StopWatch {
  const controller = new AbortController();
  let received: number | undefined;
  const listeners = (Object.keys(SIGNALS) as StopSignal[]).map(name => {
    const listener = () => {
      if (received !== undefined) return exitNow(128 + SIGNALS[name]);
      received = SIGNALS[name];
      controller.abort(
        new AptLayerError('INTERRUPTED', `stopped by ${name}; nothing was changed`, {
          details: { signal: name },
        }),
      );
    };
    source.on(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    received: () => received,
    dispose() {
      for (const { name, listener } of listeners) source.off(name, listener);
    },
  };
}
