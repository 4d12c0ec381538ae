import { selectDeployment, useDeployment } from '../deployment/index.ts';
import type { CommandImplementation } from './definition.ts';
import type { RunResult } from './run.ts';
import { useOptions } from './use-options.ts';

/** bash where the image has it. */
const SHELL = ['/bin/sh', '-c', 'if [ -x /bin/bash ]; then exec /bin/bash -l; else exec /bin/sh -l; fi'];

export const command: CommandImplementation<RunResult> = {
  async run(app, args) {
    const deployment = selectDeployment(app, args.optionalArgument('ID') ?? '0');
    const use = { deployment, command: SHELL, ...useOptions(args) };
    return { deployment: deployment.id, exitCode: await useDeployment(app, use) };
  },
  render: () => '',
  exitCode: result => result.exitCode,
};
