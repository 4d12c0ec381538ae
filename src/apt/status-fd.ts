import type { Reporter } from '../report/index.ts';

/**
 * Turns apt's status-fd lines into progress of `task`:
 * `dlstatus:N:PERCENT:TEXT` while fetching, `pmstatus:PACKAGE:PERCENT:TEXT` while installing.
 */
export function statusFdProgress(report: Reporter, task: string): (line: string) => void {
  return line => {
    const match =
      /^(?:dlstatus|pmstatus):[^:]*(?::(?:amd64|i386|arm64|armhf|armel|riscv64|ppc64el|s390x))?:([\d.]+):(.*)$/.exec(
        line,
      );
    if (match === null) return;
    const percent = Math.min(Number(match[1]), 100);
    report.emit({ type: 'progress', task, done: percent, total: 100, text: match[2] ?? '' });
  };
}
