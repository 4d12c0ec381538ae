import type { CommandDefinition } from '../definition.ts';
import { bootCommands } from './boot.ts';
import { buildCommands } from './build.ts';
import { deploymentCommands } from './deployments.ts';
import { imageCommands } from './image.ts';
import { installCommands } from './install.ts';
import { maintenanceCommands } from './maintenance.ts';
import { packageCommands } from './packages.ts';
import { policyCommands } from './policies.ts';
import { securityCommands } from './security.ts';
import { storeCommands } from './store.ts';
import { useCommands } from './use.ts';

/**
 * Every verb, without those that describe the command line itself (help, completion, man: see cli/).
 *
 * A verb has two parts. Its definition is data in the table of its group here: cheap to load, and all that help,
 * completion and the man page need. Its code is `commands/VERB.ts`, which exports `command` and is loaded only when
 * the verb runs; that file may import what it likes statically, except this folder.
 */
export const commands: readonly CommandDefinition[] = [
  ...buildCommands,
  ...policyCommands,
  ...packageCommands,
  ...securityCommands,
  ...deploymentCommands,
  ...bootCommands,
  ...useCommands,
  ...imageCommands,
  ...storeCommands,
  ...installCommands,
  ...maintenanceCommands,
];
