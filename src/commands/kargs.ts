import type { App } from '../app/index.ts';
import {
  type ChangeResult,
  currentSpec,
  editText,
  type KernelArgumentsEdit,
  redeploySystem,
  type SpecEdit,
} from '../compose/index.ts';
import {
  type Deployment,
  isDenied,
  type KernelArgument,
  kernelArgumentsOf,
  readPublic,
  selectDeployment,
  withMachine,
} from '../deployment/index.ts';
import { effectOf, takeEffect } from './after-change.ts';
import type { ParsedArgs } from './args.ts';
import { type ChangeOutcome, outcome, outcomeExitCode, outcomeJson, renderOutcome } from './change-result.ts';
import type { CommandImplementation } from './definition.ts';
import { table } from './text/index.ts';

interface Shown {
  readonly deployment: string;
  readonly arguments: readonly KernelArgument[];
}

type Result = { readonly shown: Shown } | { readonly changed: ChangeOutcome };

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const edits = await editsOf(app, args);
    if (edits.length === 0) {
      const deployment = selectDeployment(app, args.option('deployment') ?? '0');
      return {
        shown: {
          deployment: deployment.id,
          arguments: shownArguments(app, deployment),
        },
      };
    }
    const effect = effectOf(app, args);
    const changed: ChangeResult = await redeploySystem(app, {
      verb: 'kargs',
      commandLine: app.commandLine,
      waitSeconds: app.globals.waitSeconds,
      dryRun: app.globals.dryRun,
      edits,
      renumberAccounts: args.flag('renumber-accounts'),
    });
    await takeEffect(app, effect, changed.deployment !== null);
    return { changed: outcome(changed, args) };
  },
  render(result, style) {
    if ('changed' in result) return renderOutcome(result.changed, style);
    const rows = result.shown.arguments.map(one => [one.argument, one.owner]);
    return table([{ title: 'ARGUMENT' }, { title: 'FROM' }], rows, style);
  },
  toJson: result => ('changed' in result ? outcomeJson(result.changed) : result.shown),
  exitCode: result => ('changed' in result ? outcomeExitCode(result.changed) : 0),
};

/** All of them for root; for others with *** in the place of values that may be secrets. */
function shownArguments(app: App, deployment: Deployment): readonly KernelArgument[] {
  try {
    return kernelArgumentsOf(app, deployment);
  } catch (error) {
    if (!isDenied(error)) throw error;
  }
  const own = readPublic(app, deployment.id).kernelArguments;
  return withMachine(app, { deployment, own });
}

/** The list of the first deployment's spec, and as the user leaves it in the editor: one per line. No lock is held meanwhile. */
async function edited(app: App): Promise<{ from: readonly string[]; to: readonly string[] }> {
  const from = currentSpec(app).kernelArguments;
  const text = await editText(app.host, 'kernel-arguments', from.map(one => `${one}\n`).join(''));
  // A value with blanks is in quotes.
  return { from, to: text.match(/(?:"[^"]*"|[^\s"])+/g) ?? [] };
}

async function editsOf(app: App, args: ParsedArgs): Promise<SpecEdit[]> {
  const edit: KernelArgumentsEdit = {
    delete: args.optionList('delete'),
    deleteIfPresent: args.optionList('delete-if-present'),
    replace: args.optionList('replace'),
    append: args.optionList('append'),
    appendIfMissing: args.optionList('append-if-missing'),
  };
  const asked = Object.values(edit).some((list: readonly string[]) => list.length > 0);
  const set = args.flag('editor') ? await edited(app) : undefined;
  if (!asked && set === undefined) return [];
  return [
    { kind: 'change-kernel-arguments', ...(set === undefined ? {} : { set }), ...(asked ? { edit } : {}) },
  ];
}
