export { type Command, CommandFailed, pasteable } from './command.ts';
export { createRunner, type Held, type Output, type Runner, type RunOptions } from './runner.ts';
