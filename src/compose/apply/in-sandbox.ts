import { AptLayerError, type ErrorCode } from '../../errors/index.ts';
import type { BuildContext } from '../../layer/index.ts';
import { CommandFailed } from '../../process/index.ts';
import {
  limitHint,
  reachedLimit,
  runInSandbox,
  type SandboxOptions,
  type Scratch,
} from '../../sandbox/index.ts';

/** What is said when a command fails: `what` was to be done; its last words follow. */
export interface FailureWords {
  readonly code: ErrorCode;
  readonly what: string;
  readonly hint: string;
}

/** Runs a command in a mounted system; what it prints goes to the log. */
export async function runForSpec(
  context: BuildContext,
  scratch: Scratch,
  run: SandboxOptions & { readonly failure: FailureWords },
): Promise<void> {
  const { failure, ...options } = run;
  try {
    await runInSandbox(context.host, scratch, options, { onOutput: context.onOutput, mergeOutput: true });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const limit = reachedLimit(error);
    const reasons = [error.stderrTail.trim(), limit?.text ?? ''].filter(one => one !== '');
    const hint = limit === undefined ? failure.hint : limitHint(limit);
    throw new AptLayerError(failure.code, `${failure.what}:\n${reasons.join('\n')}`, {
      hint: `${hint}; all that was said is in ${context.logPath}`,
      details: { log: context.logPath },
      cause: error,
    });
  }
}
