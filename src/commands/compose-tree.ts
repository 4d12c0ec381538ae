import { changeSystem, readSpecFile } from '../compose/index.ts';
import {
  type ChangeOutcome,
  changeOptions,
  outcome,
  outcomeExitCode,
  outcomeJson,
  renderOutcome,
} from './change-result.ts';
import type { CommandImplementation } from './definition.ts';

export const command: CommandImplementation<ChangeOutcome> = {
  async run(app, args) {
    const source = readSpecFile(app.host, args.argument('FILE'));
    const ref = args.option('ref');
    const options = changeOptions(app, args, 'compose tree');
    const result = await changeSystem(app.host, app.sysroot, {
      ...source,
      ...options,
      deploy: !args.flag('no-deploy'),
      locked: args.flag('locked'),
      ...(ref === undefined ? {} : { ref }),
    });
    return outcome(result, args);
  },
  render: renderOutcome,
  toJson: outcomeJson,
  exitCode: outcomeExitCode,
};
