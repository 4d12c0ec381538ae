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

/**
 * Turns dpkg's status-fd lines into progress of `task` over `packages`: `processing: configure: PACKAGE` when it comes
 * to one, `status: PACKAGE: installed` when it is done.
 */
export function dpkgProgress(report: Reporter, task: string, packages: number): (line: string) => void {
  const done = new Set<string>();
  return line => {
    const [kind = '', second = '', third = ''] = line.split(': ');
    if (kind === 'status' && third.trim() === 'installed') done.add(second);
    else if (kind !== 'processing') return;
    const text = kind === 'processing' ? `${second} ${third.trim()}` : second;
    report.emit({ type: 'progress', task, done: Math.min(done.size, packages), total: packages, text });
  };
}
