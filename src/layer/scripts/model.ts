/** From harmless to certain failure; `handled` is what works at build time, because the build is prepared for it. */
export const SEVERITIES = ['safe', 'handled', 'warning', 'fatal'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a command is about. A policy may forbid a category by its name. */
export type Category =
  | 'alternatives'
  | 'bootloader'
  | 'cache'
  | 'conffiles'
  | 'dbconfig'
  | 'debconf'
  | 'disk'
  | 'diversions'
  | 'files'
  | 'hostname'
  | 'interpreter'
  | 'kernel'
  | 'mount'
  | 'network'
  | 'packages'
  | 'proc-sys'
  | 'process'
  | 'program'
  | 'reboot'
  | 'runtime'
  | 'secrets'
  | 'service'
  | 'shell'
  | 'syntax'
  | 'triggers'
  | 'users';

/** One thing that a maintainer script does, or would do elsewhere. */
export interface Finding {
  readonly severity: Severity;
  /** `postinst`, `preinst` ... */
  readonly script: string;
  readonly line: number;
  /** As written, cut; bytes that are not text are escaped. */
  readonly command: string;
  readonly category: Category;
  readonly reason: string;
  /** Whether it may run in the situation that was asked for. What cannot is never worse than `handled`. */
  readonly live: boolean;
  /** What keeps it from running; undefined for what is live. */
  readonly guard: string | undefined;
  /** Names of the programs that it runs, without directories. */
  readonly programs: readonly string[];
  /** Absolute paths that it names, as far as they are known. */
  readonly paths: readonly string[];
}

/** `safe` when there are none. */
export function worstSeverity(findings: readonly Finding[]): Severity {
  const ranks = findings.map(({ severity }) => SEVERITIES.indexOf(severity));
  return SEVERITIES[ranks.reduce((a, b) => Math.max(a, b), 0)] ?? 'safe';
}
