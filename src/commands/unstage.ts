import { planUnstage } from '../deployment/index.ts';
import type { CommandImplementation } from './definition.ts';
import { renderSwitch, runSwitch, type SwitchResult } from './switch-result.ts';

export const command: CommandImplementation<SwitchResult> = {
  run: app => runSwitch(app, 'unstage', planUnstage),
  render: renderSwitch,
};
