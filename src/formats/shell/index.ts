export {
  and,
  compareWithNothing,
  evaluateTest,
  type FileTest,
  matchesPattern,
  not,
  or,
  type Truth,
} from './conditions.ts';
export { expandFields, expandWord, type Lookup, listsOfWord } from './expand.ts';
export { interpreterOf, isShellScript, readShebang } from './interpreter.ts';
export type * from './model.ts';
export { parseShell } from './parse.ts';
