export { enforcePolicy } from './enforce.ts';
export { explainPolicy } from './explain.ts';
export { isExpired, isExpiring } from './findings.ts';
