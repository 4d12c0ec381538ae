import { cannotStart, collectTail, killGroup, spawner } from './child.ts';
import { type Command, CommandFailed } from './command.ts';

export interface StreamOptions {
  /** Read as fast as the program takes it. */
  readonly stdin: Iterable<Buffer>;
  /** Sees stdout as it comes. When it throws, the program is ended. */
  readonly onStdout: (chunk: Buffer) => void;
}

/** Runs a filter such as `xz -dc`. What it prints is never held, however much it is. */
export function stream(
  command: Command,
  options: StreamOptions,
  environment: Record<string, string>,
): Promise<void> {
  const child = spawner()(command.tool, command.args, {
    cwd: command.cwd,
    env: { ...environment, ...command.env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const stderr = collectTail(child);
  // A filter may end before it has read all of its input: EPIPE there is its business, its exit code tells.
  child.stdin?.on('error', () => undefined);
  const { Readable } = process.getBuiltinModule('node:stream');
  const source = Readable.from(options.stdin, { objectMode: false });
  return new Promise((resolve, reject) => {
    let refused: unknown;
    const refuse = (error: unknown) => {
      refused ??= error;
      killGroup(child);
    };
    child.stdout?.on('data', (chunk: Buffer) => {
      if (refused !== undefined) return;
      try {
        options.onStdout(chunk);
      } catch (error) {
        refuse(error);
      }
    });
    source.on('error', refuse);
    if (child.stdin !== null) source.pipe(child.stdin);
    child.on('error', error => reject(cannotStart(command, error)));
    child.on('close', (code, signal) => {
      if (refused !== undefined) reject(refused);
      else if (code === 0) resolve();
      else
        reject(
          new CommandFailed(command, {
            ...(code === null ? {} : { exitStatus: code }),
            ...(signal === null ? {} : { signal }),
            stderrTail: stderr.text(),
          }),
        );
    });
  });
}
