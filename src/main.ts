import { flush, processTerminal, runCommandLine } from './cli/index.ts';

const code = await runCommandLine(process.argv.slice(2), processTerminal());
await flush();
// Worker threads and timers may still be there; nothing they could do matters any more.
process.exit(code);
