import { type BootState, type Finalized, finalize, takeBootState } from '../deployment/index.ts';
import type { CommandImplementation } from './definition.ts';
import { inTransaction } from './deployment-change.ts';
import { etcLines } from './etc-verdicts.ts';

interface Result extends Finalized {
  /** Only with --at-boot. */
  readonly boot: BootState | null;
}

export const command: CommandImplementation<Result> = {
  run(app, args) {
    const atBoot = args.flag('at-boot');
    return inTransaction<Result>(app, {
      verb: atBoot ? 'finalize --at-boot' : 'finalize',
      async apply(transaction) {
        const boot = atBoot ? ((await takeBootState(transaction)) ?? null) : null;
        return { ...(await finalize(transaction, { keep: atBoot })), boot };
      },
      summarize: ({ deployment }) => ({ deployment }),
    });
  },
  render({ deployment, etc, boot }, style) {
    const abandoned = boot?.abandoned.map(id => `${id} did not come up and is abandoned.\n`).join('') ?? '';
    if (deployment === null) return `${abandoned}Nothing is staged.\n`;
    return `${abandoned}${etcLines(etc)}${style.bold(deployment)} is what the next boot takes.\n`;
  },
};
