import { AptLayerError, type ErrorCode, errnoOf } from '../errors/index.ts';

/** An error in a form that can be sent between threads. */
export interface SentError {
  /** Of an AptLayerError, or an errno name. */
  readonly code: string | undefined;
  readonly message: string;
  readonly own: boolean;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
}

export function sendableError(error: unknown): SentError {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof AptLayerError))
    return { code: errnoOf(error), message, own: false, hint: undefined, details: undefined };
  const { code, hint, details } = error;
  return { code, message, own: true, hint, details };
}

/** The error as it would have been thrown in this thread. */
export function receivedError({ code, message, own, hint, details }: SentError): Error {
  if (own) return new AptLayerError(code as ErrorCode, message, { hint, details });
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}
