import { type AppliedLive, applyLive, type PackageDiff, planApplyLive } from '../deployment/index.ts';
import type { CommandImplementation } from './definition.ts';
import { inTransaction } from './deployment-change.ts';

interface Result {
  readonly deployment: string;
  readonly dryRun: boolean;
  readonly packages: PackageDiff;
  readonly etc: readonly string[];
  readonly restart: readonly string[];
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const wanted = args.optionalArgument('ID');
    const options = {
      ...(wanted === undefined ? {} : { wanted }),
      allowReplacement: args.flag('allow-replacement'),
    };
    const done: AppliedLive = app.globals.dryRun
      ? { ...planApplyLive(app, options), etc: [], restart: [] }
      : await inTransaction(app, {
          verb: 'apply-live',
          apply: transaction => applyLive(transaction, planApplyLive(transaction, options)),
          summarize: ({ deployment }) => ({ deployment: deployment.id }),
        });
    const { deployment, packages, etc, restart } = done;
    return { deployment: deployment.id, dryRun: app.globals.dryRun, packages, etc, restart };
  },
  render({ deployment, dryRun, packages, restart }) {
    const count = (title: string, list: readonly { readonly name: string }[]) =>
      list.length === 0 ? '' : `${title}: ${list.map(one => one.name).join(', ')}\n`;
    const changes = `${count('Added', packages.added)}${count('Removed', packages.removed)}${count('Upgraded', packages.upgraded)}${count('Downgraded', packages.downgraded)}`;
    const after = restart.length === 0 ? '' : `Still running what was replaced: ${restart.join(', ')}\n`;
    return dryRun
      ? `${changes}/usr of ${deployment} would replace the running one.\n`
      : `${changes}${after}The running system has /usr of ${deployment} now, until the next boot.\n`;
  },
};
