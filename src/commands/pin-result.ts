import type { App } from '../app/index.ts';
import { planPinned, setPinned } from '../deployment/index.ts';
import type { CommandImplementation } from './definition.ts';
import { changeDeployments } from './deployment-change.ts';

interface Result {
  readonly pinned: boolean;
  readonly dryRun: boolean;
  readonly deployments: readonly { readonly id: string; readonly changed: boolean }[];
}

/** `pin` and `unpin`, which differ in one bit. */
export function pinCommand(pinned: boolean): CommandImplementation<Result> {
  const verb = pinned ? 'pin' : 'unpin';
  return {
    async run(app, args) {
      return { pinned, dryRun: app.globals.dryRun, deployments: await run(app, args.argumentList('ID')) };
    },
    render: result => result.deployments.map(one => `${sentence(result, one)}\n`).join(''),
  };

  async function run(app: App, ids: readonly string[]): Promise<Result['deployments']> {
    const done = await changeDeployments(app, {
      verb,
      plan: at => ids.map(id => planPinned(at, { id, pinned })),
      apply: transaction => ids.map(id => setPinned(transaction, { id, pinned })),
      summarize: result => ({
        deployment: result[0]?.deployment.id,
        changed: result.some(one => one.changed),
      }),
    });
    return done.map(({ deployment, changed }) => ({ id: deployment.id, changed }));
  }
}

function sentence({ pinned, dryRun }: Result, one: Result['deployments'][number]): string {
  const state = pinned ? 'pinned' : 'not pinned';
  if (!one.changed) return `${one.id} is ${state} already.`;
  return dryRun ? `${one.id} would be ${state}.` : `${one.id} is ${state} now.`;
}
