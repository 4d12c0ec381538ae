export { type Crew, startCrew } from './crew.ts';
export { serve, type ThreadMain } from './serve.ts';
