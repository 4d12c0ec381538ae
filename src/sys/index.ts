export { createSys } from './create.ts';
export { type Fault, parseFault } from './fault.ts';
export type { Stat, Sys, SysPath, Times } from './sys.ts';
