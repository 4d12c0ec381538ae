import { selectDeployment, useDeployment } from '../deployment/index.ts';
import type { CommandImplementation } from './definition.ts';
import { useOptions } from './use-options.ts';

export interface RunResult {
  readonly deployment: string;
  readonly exitCode: number;
}

export const command: CommandImplementation<RunResult> = {
  async run(app, args) {
    const deployment = selectDeployment(app, args.optionalArgument('ID') ?? '0');
    const use = { deployment, command: args.argumentList('COMMAND'), ...useOptions(args) };
    return { deployment: deployment.id, exitCode: await useDeployment(app, use) };
  },
  // The command itself has spoken.
  render: () => '',
  exitCode: result => result.exitCode,
};
