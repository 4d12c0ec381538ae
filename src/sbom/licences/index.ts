export { readCopyright } from './copyright.ts';
export type { Licence, OtherLicence } from './expression.ts';
