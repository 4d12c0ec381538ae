export { analyseScript, type ScriptInput, type ScriptOptions, type ScriptReport } from './analyse.ts';
export { asWithNetwork, type Judgement, judge, type Policy, type ValidationMode } from './judge.ts';
export type { Category, Finding, Severity } from './model.ts';
export { analysePackage, type PackageReport } from './package.ts';
export type { Situation } from './situation.ts';
