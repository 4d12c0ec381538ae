import type { AptLayerError, ErrorOptions } from '../errors/index.ts';

/** What the caller knows about the run that failed. */
export interface FailureContext {
  readonly cause?: unknown;
  readonly architecture?: string;
  readonly suite?: string;
  /** The keyring that should verify, for the hint. */
  readonly keyring?: string;
}

/** Recognises one kind of failure in cleaned output; undefined when it is another. */
export type Classify = (
  text: string,
  context: FailureContext,
  options: ErrorOptions,
) => AptLayerError | undefined;
