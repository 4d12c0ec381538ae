import type { App } from '../app/index.ts';
import { confirmBoot, type HealthCheck, isTrial, lacksVerity, runHealthChecks } from '../deployment/index.ts';
import { ANY_EXIT_CODE } from '../process/index.ts';
import { reboot } from './after-change.ts';
import type { CommandImplementation } from './definition.ts';
import { inTransaction } from './deployment-change.ts';

interface Result {
  /** The deployment that runs; null when this machine was not booted from the sysroot. */
  readonly deployment: string | null;
  readonly checks: readonly HealthCheck[];
  readonly confirmed: boolean;
  /** The machine is restarted, so that the next attempt or the deployment before is tried. */
  readonly rebooting: boolean;
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    if (args.flag('give-up')) {
      const rebooting = await isTrial(app);
      if (rebooting) await reboot(app);
      return { deployment: null, checks: [], confirmed: false, rebooting };
    }
    const checks = await runHealthChecks(app.host);
    if (checks.every(check => check.passed)) {
      const deployment = await inTransaction(app, {
        verb: 'confirm',
        apply: transaction => confirmBoot(transaction),
        summarize: id => ({ deployment: id ?? null }),
      });
      if (deployment !== undefined) await startUnit(app, 'apt-layer-cleanup.service');
      // Only what came up well is made stricter. It takes a while, so a unit of its own does it.
      if (lacksVerity(app)) await startUnit(app, 'apt-layer-verity.service');
      return {
        deployment: deployment ?? null,
        checks,
        confirmed: deployment !== undefined,
        rebooting: false,
      };
    }
    // What was confirmed once stays: restarting would not help, and never end.
    const rebooting = args.flag('reboot-on-failure') && (await isTrial(app));
    if (rebooting) await reboot(app);
    return { deployment: null, checks, confirmed: false, rebooting };
  },
  render({ deployment, checks, confirmed, rebooting }) {
    const failed = checks.filter(check => !check.passed);
    const lines = failed.map(check => `The health check ${check.name} failed: ${check.message}\n`);
    if (confirmed) return `${deployment ?? ''} came up well.\n`;
    if (failed.length === 0 && rebooting)
      return 'The deployment did not come up in time: the machine restarts.\n';
    if (failed.length === 0) return 'No deployment is waiting to be confirmed.\n';
    return `${lines.join('')}${rebooting ? 'The machine restarts.\n' : 'The deployment is not confirmed.\n'}`;
  },
  exitCode: ({ checks }) => (checks.every(check => check.passed) ? 0 : 1),
};

/** Has systemd start a unit, and does not wait for it. */
async function startUnit(app: App, unit: string): Promise<void> {
  const args = ['--no-block', 'start', unit];
  await app.host.runner.run({ tool: 'systemctl', args }, { okCodes: ANY_EXIT_CODE });
}
