import type { MetadataPolicy } from '../../layer/index.ts';
import type { ImageDemand } from '../../registry/index.ts';
import type { LockedBase } from '../lock/index.ts';

/** How the name of a base becomes an image. */
export interface BaseOptions {
  /** Make none: NOT_FOUND for a base that is not in the store. */
  readonly onlyExisting: boolean;
  readonly metadata: MetadataPolicy;
  /** The base of a lock: it stays as long as the store has it, whatever its name means by now. */
  readonly locked?: LockedBase | undefined;
  /** A signature that the spec demands of an image. */
  readonly demand?: ImageDemand | undefined;
  /** Make it of the packages of `locked` where the store has not got it, and ask no archive what it has now. */
  readonly onlyLocked?: boolean;
  /** Follow the name to what it means now; `apt://` is bootstrapped anew when the archive has other packages. */
  readonly newest?: boolean;
  /** A base of a Containerfile stays that of `locked`, whatever became of its context. */
  readonly staysOnBase?: boolean;
  /** A Containerfile is built with nothing from the engine's cache. */
  readonly noCache?: boolean;
  /** The newest was built a moment ago. */
  readonly isBuilt?: boolean;
}
