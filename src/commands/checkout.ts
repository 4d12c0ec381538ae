import { resolve } from 'node:path';
import { selectDeployment } from '../deployment/index.ts';
import { checkout, openStore, readImage } from '../store/index.ts';
import type { CommandImplementation } from './definition.ts';

interface Result {
  readonly deployment: string;
  readonly directory: string;
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const deployment = selectDeployment(app, args.argument('ID'));
    const directory = resolve(args.argument('DIRECTORY'));
    const store = openStore(app.host, `${app.sysroot}/composefs`);
    await checkout(store, readImage(store, deployment.image), directory);
    return { deployment: deployment.id, directory };
  },
  render: ({ deployment, directory }) => `${deployment} is in ${directory}\n`,
};
