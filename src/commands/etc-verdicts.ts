import { conflictText, type EtcVerdict } from '../deployment/index.ts';

/** The files of /etc that a person may want to know of, one line each; nothing when there are none. */
export function etcLines(verdicts: readonly EtcVerdict[]): string {
  const told = verdicts.filter(one => one.verdict === 'conflict' || one.verdict === 'merged');
  return told
    .map(one => (one.verdict === 'conflict' ? `${conflictText(one)}\n` : `/etc${one.path}: merged\n`))
    .join('');
}
