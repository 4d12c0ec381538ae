import { AptLayerError } from '../errors/index.ts';

/** One program to run. Arguments are an argv array: there is never a shell between. */
export interface Command {
  readonly tool: string;
  readonly args: readonly string[];
  /** Leaves out what the runner passes on of the user's environment, such as proxies with passwords. */
  readonly withoutUsersEnvironment?: boolean;
  /** Added to the runner's small environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Fed to the program; closed at once when absent. */
  readonly stdin?: string | Buffer;
  /** What the program reads from its file descriptors 4, 5 ... */
  readonly inputs?: readonly Buffer[];
}

/** A program that ended badly. `stderrTail` is the last 4 KiB of what it said. */
export class CommandFailed extends AptLayerError {
  readonly tool: string;
  readonly exitStatus: number | undefined;
  readonly signal: string | undefined;
  readonly stderrTail: string;
  /** The same of stdout, where it was kept. */
  readonly stdoutTail: string;

  constructor(
    command: Command,
    ended: {
      exitStatus?: number;
      signal?: string;
      timedOut?: boolean;
      stderrTail: string;
      stdoutTail?: string;
    },
  ) {
    const how = ended.timedOut
      ? 'took too long'
      : ended.signal !== undefined
        ? `was ended by ${ended.signal}`
        : `ended with exit code ${ended.exitStatus}`;
    const said = lastLines(ended.stderrTail, 12);
    super('COMMAND_FAILED', `${command.tool} ${how}${said === '' ? '' : `:\n${said}`}`, {
      details: { command: pasteable(command), exitStatus: ended.exitStatus, signal: ended.signal },
    });
    this.name = 'CommandFailed';
    this.tool = command.tool;
    this.exitStatus = ended.exitStatus;
    this.signal = ended.signal;
    this.stderrTail = ended.stderrTail;
    this.stdoutTail = ended.stdoutTail ?? '';
  }
}

/** The command quoted for pasting into a shell. */
export function pasteable(command: Command): string {
  return [command.tool, ...command.args].map(quote).join(' ');
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The last `count` lines that are not blank. */
export function lastLines(text: string, count: number): string {
  return text
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-count)
    .join('\n');
}
