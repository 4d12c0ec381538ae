export { namePattern } from './name-pattern.ts';
