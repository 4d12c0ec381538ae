export { exitCodeAfterOutput, failUnexpectedly, runCommandLine } from './run.ts';
export { flush, processTerminal } from './terminal.ts';
