import type { TarLimits } from '../../store/index.ts';

export const CONTROL_LIMITS: TarLimits = { entries: 1000, bytes: 64 * 1024 * 1024 };
/**
 * The largest packages of Debian have about 60,000 entries and 3 GB. An entry takes some two kilobytes of memory, and a few megabytes of
 * archive have a million of them.
 */
export const DATA_LIMITS: TarLimits = { entries: 250_000, bytes: 64 * 1024 ** 3 };
