import { planDeploy } from '../deployment/index.ts';
import { rebootOf, takeEffect } from './after-change.ts';
import type { CommandImplementation } from './definition.ts';
import { renderSwitch, runSwitch, type SwitchResult } from './switch-result.ts';

interface Result extends SwitchResult {
  readonly unchangedExitCode: number;
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const wanted = args.argument('ID');
    const effect = { now: false, reboot: rebootOf(app, args) };
    const result = await runSwitch(app, 'deploy', at => planDeploy(at, wanted));
    await takeEffect(app, effect, result.changed);
    return { ...result, unchangedExitCode: args.flag('unchanged-exit-77') ? 77 : 0 };
  },
  render: renderSwitch,
  toJson: ({ unchangedExitCode: _, ...result }) => result,
  exitCode: result => (result.changed ? 0 : result.unchangedExitCode),
};
