export { ERROR_CODES, type ErrorCode } from './codes.ts';
export { explained, withContext, withContextSync } from './context.ts';
export {
  AptLayerError,
  assertNever,
  type ErrorOptions,
  errnoOf,
  FormatError,
  type FormatPosition,
} from './error.ts';
