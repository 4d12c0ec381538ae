import { type ChangeResult, editSystem } from '../compose/index.ts';
import { log } from '../report/index.ts';
import { effectOf, takeEffect } from './after-change.ts';
import {
  baseLines,
  type ChangeOutcome,
  deployOptions,
  outcome,
  outcomeExitCode,
  outcomeJson,
  renderOutcome,
} from './change-result.ts';
import type { CommandImplementation } from './definition.ts';

export const command: CommandImplementation<ChangeOutcome> = {
  async run(app, args) {
    const edits = [
      { kind: 'set-base-image', base: args.argument('BASE') },
      { kind: 'resolve-paths', baseDirectory: process.cwd() },
    ] as const;
    // Said before it is done, so that there is time to stop it.
    const onPlan = (planned: ChangeResult) => {
      for (const line of baseLines(planned)) log(app.host.report, 'info', line);
    };
    const options = { ...deployOptions(app, args, 'rebase'), fresh: true, edits, onPlan };
    const effect = effectOf(app, args);
    const result = await editSystem(app, options);
    await takeEffect(app, effect, result.deployment !== null);
    return outcome(result, args);
  },
  render: renderOutcome,
  toJson: outcomeJson,
  exitCode: outcomeExitCode,
};
