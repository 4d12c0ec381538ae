import { resolve } from 'node:path';
import { mountDeployment, selectDeployment } from '../deployment/index.ts';
import type { CommandImplementation } from './definition.ts';

interface Result {
  readonly deployment: string;
  readonly directory: string;
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const deployment = selectDeployment(app, args.argument('ID'));
    const directory = resolve(args.argument('DIRECTORY'));
    await mountDeployment(app, { deployment, directory });
    return { deployment: deployment.id, directory };
  },
  render: ({ deployment, directory }) => `${deployment} is mounted on ${directory}\n`,
};
