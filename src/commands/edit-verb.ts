import type { App } from '../app/index.ts';
import { type ChangeResult, editSystem, type SpecEdit } from '../compose/index.ts';
import { effectOf, takeEffect } from './after-change.ts';
import { agreedRemovals } from './agreed-removals.ts';
import type { ParsedArgs } from './args.ts';
import {
  type ChangeOutcome,
  deployOptions,
  outcome,
  outcomeExitCode,
  outcomeJson,
  renderOutcome,
} from './change-result.ts';
import type { CommandImplementation } from './definition.ts';

/** A verb that edits the spec of the current deployment and builds what comes of it. */
export function editVerb(
  verb: string,
  editsOf: (args: ParsedArgs, app: App) => readonly SpecEdit[],
  /** Sees what is going to be before it is built; throws to stop it. */
  checkOf: (args: ParsedArgs) => ((planned: ChangeResult) => void) | undefined = () => undefined,
): CommandImplementation<ChangeOutcome> {
  return {
    async run(app, args) {
      const edits = editsOf(args, app);
      const onPlan = checkOf(args);
      const options = {
        ...deployOptions(app, args, verb),
        edits,
        ...(onPlan === undefined ? {} : { onPlan }),
      };
      const effect = effectOf(app, args);
      const result = await editSystem(app, options).catch(async (error: unknown) =>
        editSystem(app, { ...options, edits: [await agreedRemovals(app, verb, error), ...edits] }),
      );
      await takeEffect(app, effect, result.deployment !== null);
      return outcome(result, args);
    },
    render: renderOutcome,
    toJson: outcomeJson,
    exitCode: outcomeExitCode,
  };
}
