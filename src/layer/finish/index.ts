export { finishTree } from './finish.ts';
