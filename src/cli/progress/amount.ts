import { formatSize } from '../../commands/index.ts';
import type { Task } from './tasks.ts';

/** `12/40 (30 %)`, `1.2 MB of 4.0 MB (30 %)`, `1.2 MB`; empty when nothing is known. */
export function describeAmount(task: Pick<Task, 'done' | 'total' | 'unit'>): string {
  const { done, total, unit } = task;
  if (done === undefined) return '';
  const amount = (count: number) => (unit === 'bytes' ? formatSize(count) : `${count}`);
  if (total === undefined || total <= 0) return amount(done);
  const percent = Math.min(100, Math.floor((done / total) * 100));
  return `${amount(done)}${unit === 'bytes' ? ' of ' : '/'}${amount(total)} (${percent} %)`;
}
