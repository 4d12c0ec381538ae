import type { ByteString } from '../../formats/bytes/index.ts';
import type { Aspect } from '../../formats/tree/index.ts';

/**
 * `missing`, `changed`: a path that a layered package ships is not there, or not as shipped. `unexpected`: nobody accounts
 * for what appeared. `altered`, `vanished`: the same for what the base had.
 */
export type FindingKind = 'missing' | 'changed' | 'unexpected' | 'altered' | 'vanished';

/** Something in an image that its sources do not account for. */
export interface ImageFinding {
  readonly kind: FindingKind;
  /**
   * `explained`: a maintainer script names the path, so that it was done on purpose. `skipped`: scripts did it whose packages are
   * not to be looked at.
   */
  readonly severity: 'error' | 'warning' | 'explained' | 'skipped';
  readonly path: ByteString;
  /** Info name of the package that ships the path, which may be one of the base; absent where none does. */
  readonly package?: string;
  readonly differs: readonly Aspect[];
  /** Info name of the package whose maintainer script names the path, and so may have done it. */
  readonly by?: string;
  /** Info names of packages whose scripts may have done it, though none names the path; none when nothing points to one. */
  readonly suspects: readonly string[];
}
