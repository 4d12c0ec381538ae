export type { Policy, Requirement, Rule } from './model.ts';
export { parsePolicy } from './parse.ts';
export { layoutScopes, registryScopes, ruleFor } from './rule.ts';
