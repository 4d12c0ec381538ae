export { type LintFinding, lintSpec } from './lint.ts';
