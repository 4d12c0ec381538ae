/** Flags of /proc/cpuinfo that the levels of x86-64 need (x86-64 psABI, "Micro-Architecture Levels"), from v2 on. */
const AMD64_LEVELS: readonly (readonly string[])[] = [
  ['cx16', 'lahf_lm', 'popcnt', 'pni', 'sse4_1', 'sse4_2', 'ssse3'],
  ['avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'abm', 'movbe', 'xsave'],
  ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl'],
];

/** What Debian's ports for arm need at least. */
const ARM_LEVELS: Readonly<Record<string, number>> = { armel: 5, armhf: 7, arm64: 8 };

/**
 * The highest variant of its architecture (`v3`, as 3) that this machine's processor has: by /proc/cpuinfo where that says it, else what
 * Debian's port for `debian` asks for. 1 where an architecture has no variants.
 */
export function processorLevel(debian: string, cpuinfo: string): number {
  if (debian === 'amd64') {
    const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.split(' '));
    const missing = AMD64_LEVELS.findIndex(level => level.some(flag => !flags.has(flag)));
    return missing < 0 ? AMD64_LEVELS.length + 1 : missing + 1;
  }
  const least = ARM_LEVELS[debian];
  if (least === undefined) return 1;
  // A 32-bit system on a 64-bit processor runs at most v7.
  const most = debian === 'arm64' ? Number.POSITIVE_INFINITY : 7;
  const said = Number(/^CPU architecture\s*:\s*(\d+)/m.exec(cpuinfo)?.[1] ?? least);
  return Math.min(Math.max(said, least), most);
}

/** The level of an image's variant: `v7` is 7; undefined for none and for what is not known. */
export function variantLevel(variant: string | undefined): number | undefined {
  const digits = /^v(\d{1,2})$/.exec(variant ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
