import { AptLayerError, ERROR_CODES } from '../errors/index.ts';
import { hideCredentials, sanitize } from './sanitize.ts';

/** An error as the user sees it: the document of `--json`. */
export interface ErrorDocument {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  /** Messages of the errors below, outermost first. */
  readonly causes: readonly string[];
  readonly exitCode: number;
}

/** A chain longer than this is a loop or of no use. */
const MAX_CAUSES = 16;

/**
 * Anything that was thrown. What is not an AptLayerError is a bug: it gets code BUG and exit code 70.
 * `signalNumber` is that of the signal the program received, if it did.
 */
export function describeError(error: unknown, signalNumber?: number): ErrorDocument {
  const known = error instanceof AptLayerError;
  const wasStopped = known && error.code === 'INTERRUPTED' && signalNumber !== undefined;
  return {
    code: known ? error.code : 'BUG',
    message: hideCredentials(messageOf(error)),
    hint: known && error.hint !== undefined ? hideCredentials(error.hint) : null,
    details: known ? cleanDetails(error.details) : {},
    causes: causesOf(error),
    exitCode: wasStopped ? 128 + signalNumber : known ? error.exitCode : ERROR_CODES.BUG.exit,
  };
}

/** Lines for standard error, ending in a newline. `showStack` adds where a bug is. */
export function renderError(error: unknown, document: ErrorDocument, showStack: boolean): string {
  const isBug = document.code === 'BUG';
  const stack = isBug && showStack && error instanceof Error ? [error.stack ?? ''] : [];
  const lines = [
    `error: ${document.message}`,
    ...document.causes.map(cause => `  caused by: ${cause}`),
    ...stack,
    ...(isBug
      ? [
          `this is a bug in apt-layer${showStack ? '' : '; run it again with --debug to see where'}, please report it`,
        ]
      : []),
    ...(document.hint === null ? [] : [`hint: ${document.hint}`]),
  ];
  return lines.map(line => `${sanitize(line)}\n`).join('');
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return `something that is no error was thrown: ${String(error)}`;
  return error.message === '' ? error.name : error.message;
}

function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  let above = messageOf(error);
  let cause = error instanceof Error ? error.cause : undefined;
  while (cause !== undefined && causes.length < MAX_CAUSES) {
    const text = messageOf(cause);
    // withContext repeats the message below it.
    if (!above.includes(text)) causes.push(hideCredentials(text.split('\n')[0] ?? ''));
    above = text;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

/** Details leave out what is undefined, and hide credentials in their texts. */
function cleanDetails(details: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details ?? {})
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, typeof value === 'string' ? hideCredentials(value) : value]),
  );
}
