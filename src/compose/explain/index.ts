export { type Explanation, explainPackage, requestedKeys } from './explain.ts';
export { dependencyGraph } from './graph.ts';
