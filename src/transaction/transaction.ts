import { AptLayerError, errnoOf, withContext, withContextSync } from '../errors/index.ts';
import { ensureDirectory, removeLeftover, syncDirectory, writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { log, teeReporter } from '../report/index.ts';
import { processStart, serializeHolder } from './holder.ts';
import { transactionId } from './id.ts';
import type { RecordType } from './journal.ts';
import { appendRecord } from './journal-file.ts';
import type { JsonObject } from './json.ts';
import { removeHolder, type SysrootLock, takeLock } from './lock.ts';
import { describeError, type LogFile, openLogFile } from './log-file.ts';
import { type Sysroot, statePaths } from './paths.ts';
import { publicCommandLine } from './public-command.ts';
import { recoverTransactions } from './recovery.ts';
import { keepReserve, useReserve } from './reserve.ts';
import { checkStateVersion } from './state-version.ts';
import { ensureSysroot } from './sysroot.ts';

/**
 * Cleans up what a killed transaction of some kind left behind. Runs with the lock held at the begin of every
 * transaction, so it must be idempotent and cheap. Resolves to what it cleaned, a few words each.
 */
export type RecoveryHandler = (transaction: Transaction) => Promise<readonly string[]> | readonly string[];

export interface TransactionOptions {
  readonly verb: string;
  /** What the user typed, for the history. */
  readonly commandLine: string;
  /** Seconds to wait while another transaction runs; default 0, Infinity for as long as it takes. */
  readonly wait?: number;
  /** It makes room or needs little, so that it may use what is kept for a full disk. */
  readonly usesReserve?: boolean;
  /** Run after the lock is taken, before anything else; every caller passes those of the folders it uses. */
  readonly recovery?: readonly RecoveryHandler[];
}

/**
 * The right to change a sysroot, and the record of doing so. Ends by `commit` or `fail`; left without either
 * (`await using`) it counts as failed.
 */
export interface Transaction extends Sysroot, AsyncDisposable {
  /** The caller's host, whose reporter also writes into the transaction's log. */
  readonly host: Host;
  readonly id: string;
  readonly verb: string;
  readonly commandLine: string;
  readonly directory: string;
  /** An empty directory on the sysroot's file system for scratch files and overlay uppers; gone at the end. */
  readonly workDirectory: string;
  /** Says durably what is about to be done. */
  step(name: string, data?: JsonObject): void;
  /** Adds tool output to the log; never throws for a disk that is full. */
  appendLog(bytes: Buffer | string): void;
  /** Throws INTERRUPTED when the user asked to stop. Called where stopping still changes nothing. */
  checkpoint(): void;
  /** Ends it as done. The work is durable by then, so a journal that cannot be written is a warning. */
  commit(summary: JsonObject): void;
  /** Ends it as failed, or as interrupted when that is what `error` says. Never throws for a disk that is full. */
  fail(error: unknown): void;
}

/**
 * Takes the lock of a sysroot (LOCKED when it is held), recovers from an earlier crash, and opens a journal. Makes
 * the sysroot's directories when they are missing.
 */
export async function beginTransaction(at: Sysroot, options: TransactionOptions): Promise<Transaction> {
  const { host, sysroot } = at;
  return await withContext(`opening ${sysroot}`, async () => {
    checkStateVersion(at, 'write');
    const lock = await takeLock(at, options.wait ?? 0);
    let transaction: Transaction | undefined;
    try {
      const started = host.clock();
      const id = transactionId(started, host.random);
      if (options.usesReserve === true) useReserve(at);
      nameHolder(at, { id, started, options });
      ensureSysroot(at);
      const cleaned = recoverTransactions(at);
      transaction = open({ host, sysroot, lock, options, id, started });
      return await recovered(transaction, cleaned, options.recovery ?? []);
    } catch (error) {
      if (transaction !== undefined) transaction.fail(error);
      else {
        tolerate(host, () => removeHolder(at));
        lock.release();
      }
      throw error;
    }
  });
}

/** Runs the handlers, and says in one line what was cleaned. */
async function recovered(
  transaction: Transaction,
  cleaned: string[],
  handlers: readonly RecoveryHandler[],
): Promise<Transaction> {
  for (const handler of handlers) cleaned.push(...(await handler(transaction)));
  if (cleaned.length > 0)
    log(transaction.host.report, 'info', `cleaned up after a crash: ${cleaned.join(', ')}`);
  return transaction;
}

/** Runs `action` in a transaction: committed with what `summarize` says of its result, failed when it throws. */
export async function withTransaction<T>(
  at: Sysroot,
  options: TransactionOptions & { readonly summarize?: (result: T) => JsonObject },
  action: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const transaction = await beginTransaction(at, options);
  const attempt = async () => {
    const result = await action(transaction);
    return { result, summary: options.summarize?.(result) ?? {} };
  };
  let done: Awaited<ReturnType<typeof attempt>>;
  try {
    done = await attempt();
  } catch (thrown) {
    const error = typed(options.verb, thrown);
    transaction.fail(error);
    throw error;
  }
  transaction.commit(done.summary);
  return done.result;
}

/** What the kernel refused and nobody explained is no bug: it gets the code that belongs to it. */
function typed(verb: string, error: unknown): unknown {
  if (error instanceof AptLayerError || errnoOf(error) === undefined) return error;
  try {
    return withContextSync(verb, () => {
      throw error;
    });
  } catch (explained) {
    return explained;
  }
}

interface Beginning {
  readonly id: string;
  readonly started: Date;
  readonly options: TransactionOptions;
}

interface Opening extends Beginning {
  readonly host: Host;
  readonly sysroot: string;
  readonly lock: SysrootLock;
}

/** Says who has the lock. On a full disk nobody is named: the lock itself is taken all the same. */
function nameHolder({ host, sysroot }: Sysroot, { id, started, options }: Beginning): void {
  const holder = {
    verb: options.verb,
    // Anybody may read who holds the lock.
    commandLine: publicCommandLine(options.commandLine),
    transaction: id,
    pid: process.pid,
    startTicks: processStart(host.sys, process.pid) ?? '',
    sinceSeconds: Math.floor(started.getTime() / 1000),
  };
  try {
    writeFileDurable(host.sys, statePaths(sysroot).holder, serializeHolder(holder));
  } catch (error) {
    if (errnoOf(error) !== 'ENOSPC' && errnoOf(error) !== 'EDQUOT') throw error;
  }
}

function open({ host, sysroot, lock, options, id, started }: Opening): Transaction {
  const { sys } = host;
  const { verb, commandLine } = options;
  const { transactions } = statePaths(sysroot);
  const directory = `${transactions}/${id}`;
  const workDirectory = `${directory}/work`;
  ensureDirectory(sys, directory);
  ensureDirectory(sys, workDirectory, 0o700);
  const begin = { verb, commandLine, pid: process.pid };
  appendRecord(sys, directory, { time: started.toISOString(), type: 'begin', data: begin });
  const logFile = openLogFile(host, `${directory}/log`);
  syncDirectory(sys, directory);
  syncDirectory(sys, transactions);
  const tee: Host = { ...host, report: teeReporter(host.report, logFile.reporter) };
  return {
    id,
    verb,
    commandLine,
    sysroot,
    directory,
    workDirectory,
    host: tee,
    step: (name, data = {}) =>
      appendRecord(sys, directory, {
        time: host.clock().toISOString(),
        type: 'step',
        data: { step: name, ...data },
      }),
    appendLog: logFile.append,
    checkpoint() {
      if (host.signal.aborted) throw new AptLayerError('INTERRUPTED', `interrupted; nothing was changed`);
    },
    ...endings({ host: tee, sysroot, directory, lock, logFile }),
  };
}

interface Ending {
  readonly host: Host;
  readonly sysroot: string;
  readonly directory: string;
  readonly lock: SysrootLock;
  readonly logFile: LogFile;
}

function endings(ending: Ending): Pick<Transaction, 'commit' | 'fail' | typeof Symbol.asyncDispose> {
  const { host, directory } = ending;
  let ended = false;
  const end = (type: RecordType, data: JsonObject) => {
    if (ended) throw new Error('the transaction has already ended');
    ended = true;
    finish(ending, type, data);
  };
  const fail = (error: unknown) => {
    const report = describeError(error);
    if (report['code'] === 'INTERRUPTED') return end('interrupted', { reason: 'signal' });
    tolerate(host, () =>
      writeFileDurable(host.sys, `${directory}/error.json`, `${JSON.stringify(report)}\n`, 0o600),
    );
    end('failed', { code: report['code'], message: report['message'] });
  };
  return {
    commit: summary => end('commit', summary),
    fail,
    async [Symbol.asyncDispose]() {
      if (!ended) fail(new AptLayerError('FAILED', 'the transaction was left without a result'));
    },
  };
}

/** Each part is tried whatever became of the others; the lock goes last. */
function finish(ending: Ending, type: RecordType, data: JsonObject): void {
  const { host, directory, lock, logFile } = ending;
  try {
    tolerate(host, () => appendRecord(host.sys, directory, { time: host.clock().toISOString(), type, data }));
    tolerate(host, () => removeLeftover(host, `${directory}/work`));
    tolerate(host, () => removeHolder(ending));
    keepReserve(ending);
    logFile.close();
  } finally {
    lock.release();
  }
}

/** The outcome is decided by now, so a disk that refuses the paperwork is a warning; recovery will finish it. */
function tolerate(host: Host, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof AptLayerError)) throw error;
    log(host.report, 'warning', `the journal could not be finished: ${(error as Error).message}`);
  }
}
