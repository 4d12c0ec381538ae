import { AptLayerError } from '../errors/index.ts';
import { CommandFailed } from '../process/index.ts';
import { limitHint, type ReachedLimit, reachedLimit } from '../sandbox/index.ts';
import { classifyAptFailure } from './failure.ts';
import type { FailureContext } from './failure-context.ts';
import { runningScript } from './idle-script.ts';

/** Runs `action`; what apt or dpkg says when it fails becomes a typed error that also says where all of it is. */
export async function failing<T>(
  target: {
    readonly host: { readonly architecture: string };
    readonly logPath: string;
    /** What is known of the archive, for hints. */
    readonly about?: Pick<FailureContext, 'suite' | 'keyring'>;
  },
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const said = `${error.stdoutTail}\n${error.stderrTail}`;
    const limit = reachedLimit(error);
    if (error.idle !== undefined && limit !== undefined) throw idled(target.logPath, { error, limit, said });
    const { architecture } = target.host;
    const found = classifyAptFailure(said, { ...target.about, cause: error, architecture });
    const { code, message } = found.code === 'COMMAND_FAILED' ? brokenOff(found.message, said) : found;
    const where = `all that was said is in ${target.logPath}`;
    const hint = limit === undefined ? found.hint : limitHint(limit);
    throw new AptLayerError(code, limit === undefined ? message : `${message}\n${limit.text}`, {
      hint: hint === undefined ? where : `${hint}; ${where}`,
      details: { ...found.details, ...(limit !== undefined && { limit: limit.key }), log: target.logPath },
      // That a program ended with some exit code says nothing more once it is known why.
      cause: code === 'COMMAND_FAILED' ? found.cause : undefined,
    });
  }
}

/** Of a command that was ended, since it did nothing: the script that it was at. */
function idled(
  log: string,
  { error, limit, said }: { error: CommandFailed; limit: ReachedLimit; said: string },
): AptLayerError {
  const script = runningScript(error.idle?.running ?? [], said);
  const who = script === undefined ? error.tool : `the ${script.script} script of ${script.package}`;
  return new AptLayerError(script === undefined ? 'COMMAND_FAILED' : 'DPKG_FAILED', `${who}: ${limit.text}`, {
    hint: `${limitHint(limit)}; all that was said is in ${log}`,
    details: { ...script, limit: limit.key, log },
  });
}

/** A script can take apt and dpkg down with it: then the package dpkg was at is all there is to go by. */
function brokenOff(
  message: string,
  said: string,
): { code: 'COMMAND_FAILED' | 'DPKG_FAILED'; message: string } {
  const last = [...said.matchAll(/^(?:Setting up|Unpacking|Preparing to unpack) (\S+)/gm)].at(-1)?.[1];
  if (last === undefined) return { code: 'COMMAND_FAILED', message };
  return { code: 'DPKG_FAILED', message: `installing broke off at ${last}: ${message}` };
}
