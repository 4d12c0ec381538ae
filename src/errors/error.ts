import { ERROR_CODES, type ErrorCode } from './codes.ts';

export interface ErrorOptions {
  /** What the user can run or change next, as one sentence. */
  readonly hint?: string | undefined;
  /** Machine-readable facts about the failure; appears in `--json`. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/** The one error type that reaches the user. The message names the object that failed and why. */
export class AptLayerError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AptLayerError';
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exit;
  }
}

/** Where in a byte or text format something is wrong. Lines and columns count from 1, offsets from 0. */
export interface FormatPosition {
  readonly offset?: number;
  readonly line?: number;
  readonly column?: number;
}

/** Input that does not follow its format: archives, images, dumps, control files. */
export class FormatError extends AptLayerError {
  readonly position: FormatPosition;
  readonly reason: string;

  constructor(format: string, reason: string, position: FormatPosition = {}, options: ErrorOptions = {}) {
    super('FORMAT', `${format}: ${describePosition(position)}${reason}`, {
      ...options,
      details: { ...options.details, format, ...position },
    });
    this.name = 'FormatError';
    this.position = position;
    this.reason = reason;
  }
}

function describePosition(position: FormatPosition): string {
  const parts = [];
  if (position.line !== undefined) parts.push(`line ${position.line}`);
  if (position.column !== undefined) parts.push(`column ${position.column}`);
  if (position.offset !== undefined) parts.push(`offset ${position.offset}`);
  return parts.length > 0 ? `${parts.join(', ')}: ` : '';
}

/** The errno name (`ENOENT`) of an error thrown by node:fs or by sys/, if it has one. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/** For the branch a type says is unreachable. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
