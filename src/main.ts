import {
  exitCodeAfterOutput,
  failUnexpectedly,
  flush,
  processTerminal,
  runCommandLine,
} from './cli/index.ts';

// What is private says so itself. Everything else is for all to read, and scripts of a spec make the same files for everybody.
process.umask(0o022);
const terminal = processTerminal();
process.on('uncaughtException', error => process.exit(failUnexpectedly(error, terminal)));

const code = await runCommandLine(process.argv.slice(2), terminal);
await flush();
// Worker threads and timers may still be there; nothing they could do matters any more.
process.exit(exitCodeAfterOutput(code, terminal));
