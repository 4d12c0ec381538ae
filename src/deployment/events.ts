import type { Host } from '../host/index.ts';
import { ANY_EXIT_CODE } from '../process/index.ts';

/**
 * What is worth knowing of a machine's deployments, for the journal. The ids (MESSAGE_ID, journal(7)) never change: watch for one with
 * `journalctl MESSAGE_ID=...`.
 */
export const EVENTS = {
  staged: '0bac260020d4470b974cab690a129d51',
  finalized: '5e9d5f6be78744228968cf967f5c73a1',
  finalizeFailed: '70789e8188df433d8fa90576b4cb7f03',
  abandoned: 'ac1a64c4b463474085a66ed1b943b914',
  confirmed: 'ea75df82e8024b9980a0043e563e4a7f',
} as const;

const PRIORITY: Readonly<Record<keyof typeof EVENTS, number>> = {
  staged: 6,
  finalized: 6,
  finalizeFailed: 3,
  abandoned: 2,
  confirmed: 6,
};

/** Tells the journal of an event. A machine without one is not told, and what cannot be told stops nothing. */
export async function tellJournal(
  host: Host,
  event: keyof typeof EVENTS,
  about: { readonly deployment: string; readonly message: string },
): Promise<void> {
  if (host.sys.lstatIfExists('/run/systemd/journal/socket') === undefined) return;
  const fields = [
    `MESSAGE_ID=${EVENTS[event]}`,
    `MESSAGE=${about.message.replaceAll('\n', ' ')}`,
    `PRIORITY=${PRIORITY[event]}`,
    'SYSLOG_IDENTIFIER=apt-layer',
    `APT_LAYER_DEPLOYMENT=${about.deployment}`,
  ];
  await host.runner.run(
    { tool: 'logger', args: ['--journald'], stdin: `${fields.join('\n')}\n` },
    { okCodes: ANY_EXIT_CODE },
  );
}
