import { AptLayerError } from '../errors/index.ts';
import type { Idled } from './idle.ts';

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

interface Ended {
  readonly exitStatus?: number;
  readonly signal?: string;
  readonly timedOut?: boolean;
  readonly idle?: Idled;
  readonly limit?: { readonly text: string; readonly key: string };
  readonly stderrTail: string;
  readonly stdoutTail?: string;
}

/** A program that ended badly. `stderrTail` is the last 4 KiB of what it said. */
export class CommandFailed extends AptLayerError {
  readonly tool: string;
  readonly exitStatus: number | undefined;
  readonly signal: string | undefined;
  readonly stderrTail: string;
  /** The same of stdout, where it was kept. */
  readonly stdoutTail: string;
  /** It was ended, since it said and did nothing for so long. */
  readonly idle: Idled | undefined;
  /** The limit that it, or what it started, ran into, and the setting of it. */
  readonly limit: { readonly text: string; readonly key: string } | undefined;
  readonly #command: Command;
  readonly #ended: Ended;

  constructor(command: Command, ended: Ended) {
    const how = ended.timedOut
      ? 'took too long'
      : ended.idle !== undefined
        ? 'did nothing for too long'
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
    this.idle = ended.idle;
    this.limit = ended.limit;
    this.#command = command;
    this.#ended = ended;
  }

  /** The same, of which is known what it ran into. */
  withLimit(limit: { readonly text: string; readonly key: string }): CommandFailed {
    return new CommandFailed(this.#command, { ...this.#ended, limit });
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
