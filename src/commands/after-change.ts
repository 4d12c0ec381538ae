import type { App } from '../app/index.ts';
import { finalize, isBooted, listDeployments } from '../deployment/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { log } from '../report/index.ts';
import type { ParsedArgs } from './args.ts';
import { inTransaction } from './deployment-change.ts';

/** When a change is to take effect. */
export interface Effect {
  readonly now: boolean;
  readonly reboot: boolean;
}

/** What `--now` and `--reboot` ask for. USAGE, before anything is done, where they make no sense. */
export function effectOf(app: App, args: ParsedArgs): Effect {
  return { now: args.flag('now'), reboot: rebootOf(app, args) };
}

/** What `--reboot` asks for. */
export function rebootOf(app: App, args: ParsedArgs): boolean {
  const asked = args.flag('reboot');
  if (asked && !app.globals.dryRun && !isBooted(app))
    throw new AptLayerError('USAGE', `${app.sysroot} is not what this machine was booted from`, {
      hint: 'leave --reboot out',
    });
  return asked;
}

/** What runs stays what it is until then, whatever was said to be the default. */
const IN_EFFECT = 'it is in effect after a restart: `systemctl reboot`, or --reboot the next time';

/** Does it, once there is something new to boot. Does nothing on a sysroot that is not booted: nothing waits there. */
export async function takeEffect(app: App, effect: Effect, changed: boolean): Promise<void> {
  if (!changed || app.globals.dryRun || !isBooted(app)) return;
  if (effect.now)
    await inTransaction(app, {
      verb: 'finalize',
      // What changes in /etc until the shutdown still has to come along.
      apply: transaction => finalize(transaction, { keep: true }),
      summarize: ({ deployment }) => ({ deployment }),
    });
  if (effect.reboot) await reboot(app);
  else if (listDeployments(app)[0]?.booted !== true) log(app.host.report, 'info', IN_EFFECT);
}

/** Asks systemd to restart the machine, which finalizes what is staged on the way down. */
export async function reboot(app: App): Promise<void> {
  await app.host.runner.run({ tool: 'systemctl', args: ['--no-block', 'reboot'] });
}
