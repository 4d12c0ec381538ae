import { editSystem } from '../compose/index.ts';
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
    const edits = [{ kind: 'remove-layers', requests: args.argumentList('PACKAGE') }] as const;
    const result = await editSystem(app.host, app.sysroot, { ...changeOptions(app, args, 'unlayer'), edits });
    return outcome(result, args);
  },
  render: renderOutcome,
  toJson: outcomeJson,
  exitCode: outcomeExitCode,
};
