import { VERSION } from '../../app/index.ts';
import type { CommandDefinition, CommandImplementation } from '../../commands/index.ts';
import { renderManual } from '../manual.ts';

export function manCommand(
  all: readonly CommandDefinition[],
): CommandImplementation<{ readonly page: string }> {
  return {
    run: async () => ({ page: renderManual(all, VERSION) }),
    render: result => result.page,
  };
}
