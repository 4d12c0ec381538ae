import { specJsonSchema } from '../compose/index.ts';
import type { CommandImplementation } from './definition.ts';

export const command: CommandImplementation<unknown> = {
  async run() {
    return specJsonSchema();
  },
  render: schema => `${JSON.stringify(schema, undefined, 2)}\n`,
};
