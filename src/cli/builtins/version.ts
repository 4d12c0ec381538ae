import { VERSION } from '../../app/index.ts';
import type { CommandImplementation } from '../../commands/index.ts';

export const command: CommandImplementation<{ readonly version: string; readonly node: string }> = {
  run: async () => ({ version: VERSION, node: process.versions.node }),
  render: ({ version }) => `apt-layer ${version}`,
};
