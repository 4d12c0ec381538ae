export { ERROR_CODES, type ErrorCode } from './codes.ts';
export { withContext, withContextSync } from './context.ts';
export {
  AptLayerError,
  assertNever,
  errnoOf,
  type ErrorOptions,
  FormatError,
  type FormatPosition,
} from './error.ts';
