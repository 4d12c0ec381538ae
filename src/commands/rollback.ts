import { planRollback } from '../deployment/index.ts';
import { rebootOf, takeEffect } from './after-change.ts';
import type { CommandImplementation } from './definition.ts';
import { renderSwitch, runSwitch, type SwitchResult } from './switch-result.ts';

export const command: CommandImplementation<SwitchResult> = {
  async run(app, args) {
    const effect = { now: false, reboot: rebootOf(app, args) };
    const result = await runSwitch(app, 'rollback', planRollback);
    await takeEffect(app, effect, result.changed);
    return result;
  },
  render: renderSwitch,
};
