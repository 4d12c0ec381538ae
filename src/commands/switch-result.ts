import type { App } from '../app/index.ts';
import { applySwitch, type Switch } from '../deployment/index.ts';
import type { Sysroot } from '../transaction/index.ts';
import { changeDeployments } from './deployment-change.ts';
import type { TextStyle } from './text/index.ts';

export interface SwitchResult {
  readonly deployment: string;
  readonly previous: string;
  readonly changed: boolean;
  readonly dryRun: boolean;
  /** Ids in boot order. */
  readonly order: readonly string[];
}

/** Makes another deployment the default: which one, `plan` says, once before and once under the lock. */
export async function runSwitch(
  app: App,
  verb: string,
  plan: (at: Sysroot) => Switch,
): Promise<SwitchResult> {
  const done = await changeDeployments(app, {
    verb,
    plan,
    async apply(transaction) {
      const planned = plan(transaction);
      await applySwitch(transaction, planned);
      return planned;
    },
    summarize: ({ now, changed }) => ({ deployment: now.id, changed }),
  });
  return {
    deployment: done.now.id,
    previous: done.before.id,
    changed: done.changed,
    dryRun: app.globals.dryRun,
    order: done.order,
  };
}

export function renderSwitch(result: SwitchResult, style: TextStyle): string {
  const id = style.bold(result.deployment);
  if (!result.changed) return `${id} is the default already.\n`;
  if (result.dryRun) return `${id} would become the default (now ${result.previous}).\n`;
  return `${id} is the default now; before it was ${result.previous}.\n`;
}
