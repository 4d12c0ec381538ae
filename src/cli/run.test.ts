import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../app/index.ts';
import type { AnyCommand, CommandDefinition } from '../commands/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { log, step } from '../report/index.ts';
import { allCommands } from './registry.ts';
import { runCommandLine } from './run.ts';
import type { Terminal } from './terminal.ts';

interface Trial {
  readonly command: Partial<AnyCommand>;
  readonly definition?: Partial<CommandDefinition>;
  readonly terminal?: Partial<Terminal>;
  /** Standard error is a terminal. */
  readonly interactive?: boolean;
}

/** Runs `apt-layer ARGV` with one verb, `try`, in a terminal made of strings. */
async function run(argv: readonly string[], trial: Trial) {
  const out: string[] = [];
  const err: string[] = [];
  const exits: number[] = [];
  const signals = new EventEmitter();
  const sink = (into: string[], isTerminal: boolean) => ({
    write: (data: string | Uint8Array) => void into.push(Buffer.from(data).toString('latin1')),
    isTerminal,
    columns: () => 80,
  });
  const terminal: Terminal = {
    stdout: sink(out, false),
    stderr: sink(err, trial.interactive === true),
    environment: readEnvironment({}),
    signals,
    now: () => performance.now(),
    userId: 0,
    isJournal: false,
    openDescriptor: fd => text => void out.push(`[${fd}] ${text}`),
    exit: code => void exits.push(code),
    ask: undefined,
    ...trial.terminal,
  };
  const command: AnyCommand = { run: async () => null, render: () => 'text', ...trial.command };
  const definition: CommandDefinition = {
    path: ['try'],
    group: 'general',
    summary: 'try something',
    description: 'For tests.',
    examples: [{ command: 'try', does: 'try' }],
    load: async () => ({ command }),
    ...trial.definition,
  };
  const help = allCommands.filter(({ path }) => path[0] === 'help' || path[0] === 'version');
  const code = await runCommandLine(argv, terminal, [...help, definition]);
  return {
    code,
    out: out.join(''),
    err: err.join(''),
    exits,
    signals,
    listeners: signals.listenerCount('SIGINT'),
  };
}

describe('a result', () => {
  it('is text with a newline, bytes as they are, or nothing', async () => {
    expect((await run(['try'], { command: {} })).out).toBe('text\n');
    expect((await run(['try'], { command: { render: () => Buffer.from('\xff', 'latin1') } })).out).toBe(
      '\xff',
    );
    expect((await run(['try'], { command: { render: () => '' } })).out).toBe('');
  });

  it('is all of it as JSON', async () => {
    const result = { big: 2n ** 60n, list: [] };
    const command = { run: async () => result };
    expect(JSON.parse((await run(['try', '--json'], { command })).out)).toEqual({
      big: '1152921504606846976',
      list: [],
    });
    const chosen = { ...command, toJson: () => ({ schema: 1 }) };
    expect((await run(['--json', 'try'], { command: chosen })).out).toBe('{\n  "schema": 1\n}\n');
    expect((await run(['--json', 'try'], { command: { run: async () => undefined } })).out).toBe('null\n');
  });

  it('has an exit code of its own', async () => {
    expect((await run(['try'], { command: { exitCode: () => 77 } })).code).toBe(77);
  });

  it('comes after the progress, which goes elsewhere', async () => {
    const command: Partial<AnyCommand> = {
      run: app => step(app.host.report, 'work', 'Working', () => log(app.host.report, 'warning', 'hm')),
    };
    const plain = await run(['try', '--progress-fd', '3'], { command });
    expect(plain.err).toMatch(/^Working \.\.\.\nwarning: hm\nWorking \(\d+ ms\)\n$/);
    expect(plain.out).toMatch(/^\[3\] \{"type":"Start".*\n(\[3\] .*\n)+text\n$/);
    expect((await run(['try', '-q'], { command })).err).toBe('warning: hm\n');
    const drawn = await run(['try'], { command, interactive: true });
    expect(drawn.err).toContain('\x1b[33mwarning:');
    expect(drawn.err.endsWith('\r\x1b[K')).toBe(true);
    expect((await run(['try', '--no-color'], { command, interactive: true })).err).not.toContain('\x1b[33m');
    const noColor = { environment: readEnvironment({ NO_COLOR: '1' }) };
    expect((await run(['try'], { command, interactive: true, terminal: noColor })).err).not.toContain(
      '\x1b[33m',
    );
  });
});

describe('an error', () => {
  it('of a program that a signal ended is the signal', async () => {
    const signals = new EventEmitter();
    const command = {
      run: async () => {
        signals.emit('SIGTERM');
        throw new AptLayerError('INTERRUPTED', 'interrupted while running nsenter');
      },
    };
    const stopped = await run(['try'], { command, terminal: { signals } });
    expect(stopped).toMatchObject({ code: 143, err: 'error: stopped by SIGTERM; nothing was changed\n' });
  });

  it('of the system is explained, unless the program misused a call', async () => {
    const refused = (code: string) => ({
      command: {
        run: async () => {
          throw Object.assign(new Error(`${code}: no, open '/some/path'`), { code });
        },
      },
    });
    const denied = await run(['try'], refused('EACCES'));
    expect(denied.code).toBe(1);
    expect(denied.err).toBe("error: try: EACCES: no, open '/some/path'\nhint: run it as root\n");
    expect((await run(['try'], refused('ENOTDIR'))).code).toBe(1);
    expect((await run(['try'], refused('EBADF'))).code).toBe(70);
  });

  const fails = (error: unknown): Trial => ({
    command: {
      run: async () => {
        throw error;
      },
    },
  });
  const full = new AptLayerError('NO_SPACE', 'the disk is full', {
    hint: 'free some',
    cause: new Error('ENOSPC'),
  });

  it('is for people on stderr', async () => {
    const { code, out, err } = await run(['try'], fails(full));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe('error: the disk is full\n  caused by: ENOSPC\nhint: free some\n');
  });

  it('is a document on stdout with --json, and a line on stderr', async () => {
    const { code, out, err } = await run(['try', '--json'], fails(full));
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      error: {
        code: 'NO_SPACE',
        message: 'the disk is full',
        hint: 'free some',
        details: {},
        causes: ['ENOSPC'],
        exitCode: 1,
      },
    });
    expect(err).toBe('error: the disk is full\n');
  });

  it('of usage is JSON too', async () => {
    const { code, out } = await run(['try', '--nope', '--json'], { command: {} });
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'USAGE', exitCode: 2 } });
  });

  it('carries its priority in the journal', async () => {
    const { err } = await run(['try'], { ...fails(full), terminal: { isJournal: true } });
    expect(err).toBe('<3>error: the disk is full\n<3>  caused by: ENOSPC\n<3>hint: free some\n');
  });

  it('that is a bug exits 70, also when rendering fails', async () => {
    expect((await run(['try'], fails(new TypeError('oops')))).code).toBe(70);
    const render = () => {
      throw new Error('no');
    };
    expect((await run(['try'], { command: { render } })).code).toBe(70);
    expect((await run(['try', '-v'], fails(new TypeError('oops')))).err).toContain('run.test.ts');
  });

  it('for want of root comes before anything runs', async () => {
    const terminal = { userId: 1000 };
    const run77: Trial = { command: { exitCode: () => 77 }, terminal };
    expect((await run(['try'], run77)).code).toBe(77);
    expect((await run(['try'], { ...run77, definition: { needsRoot: true } })).err).toContain(
      'try needs root',
    );
    const toChange = { ...run77, definition: { needsRoot: 'to-change' } as const };
    expect((await run(['try'], toChange)).code).toBe(1);
    expect((await run(['try', '-n'], toChange)).code).toBe(77);
  });
});

describe('no verb', () => {
  it('shows the help and is a usage error, as with apt', async () => {
    const { code, out } = await run([], { command: {} });
    expect(code).toBe(2);
    expect(out).toContain('About this program:\n');
    expect((await run(['help'], { command: {} })).code).toBe(0);
  });
});

describe('a signal', () => {
  const untilAborted = (send: (signals: EventEmitter) => void, signals: EventEmitter): Trial => ({
    terminal: { signals },
    command: {
      run: app =>
        new Promise((_, reject) => {
          app.host.signal.addEventListener('abort', () =>
            setImmediate(() => reject(app.host.signal.reason as Error)),
          );
          send(signals);
        }),
    },
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('%s stops the work cleanly', async (name, code) => {
    const signals = new EventEmitter();
    const ended = await run(
      ['try'],
      untilAborted(source => source.emit(name), signals),
    );
    expect(ended.code).toBe(code);
    expect(ended.err).toBe(`error: stopped by ${name}; nothing was changed\n`);
    expect(ended.exits).toEqual([]);
    expect(signals.listenerCount('SIGINT')).toBe(0);
  });

  it('that comes twice ends at once', async () => {
    const signals = new EventEmitter();
    const twice = (source: EventEmitter) => [source.emit('SIGTERM'), source.emit('SIGINT')];
    expect((await run(['try'], untilAborted(twice, signals))).exits).toEqual([130]);
  });

  it('is ignored by work that is done anyway', async () => {
    const signals = new EventEmitter();
    const command = { run: async () => void signals.emit('SIGINT') };
    expect((await run(['try'], { command, terminal: { signals } })).code).toBe(0);
  });
});

describe('a question', () => {
  const command: Partial<AnyCommand> = { run: app => app.confirm('Sure?'), render: String };
  it('is put to the user, answered by --yes, or not answered', async () => {
    const asks = (answer: boolean) => ({ command, terminal: { ask: async () => answer } });
    expect((await run(['try'], asks(false))).out).toBe('false\n');
    expect((await run(['try', '-y'], asks(false))).out).toBe('true\n');
    expect((await run(['try'], { command })).out).toBe('undefined\n');
  });
});

it('hands over the sysroot and the command line', async () => {
  const command: Partial<AnyCommand> = {
    run: async app => [app.sysroot, app.commandLine],
    render: r => r.join('|'),
  };
  expect((await run(['--sysroot', '/x y', 'try'], { command })).out).toBe("/x y|--sysroot '/x y' try\n");
});
