import type { CommandDefinition, CommandImplementation } from '../../commands/index.ts';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { completionModel } from '../completion/model.ts';
import { zshCompletion } from '../completion/zsh.ts';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

export function completionCommand(
  all: readonly CommandDefinition[],
): CommandImplementation<{ readonly shell: string; readonly script: string }> {
  return {
    async run(_app, args) {
      const shell = args.argument('SHELL');
      const generate = SHELLS[shell as keyof typeof SHELLS];
      return { shell, script: generate(completionModel(all)) };
    },
    render: result => result.script,
  };
}
