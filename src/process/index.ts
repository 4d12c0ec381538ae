export { type Command, CommandFailed, lastLines, pasteable } from './command.ts';
export { createRunner, type Output, type Runner, type RunOptions } from './runner.ts';
