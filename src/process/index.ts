export { type Command, CommandFailed, pasteable } from './command.ts';
export type { IdleOptions } from './idle.ts';
export {
  ANY_EXIT_CODE,
  createRunner,
  type Held,
  type Output,
  type Runner,
  type RunOptions,
} from './runner.ts';
