export { type Explanation, explainPackage } from './explain.ts';
