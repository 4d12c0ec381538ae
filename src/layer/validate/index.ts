export type { FindingKind, ImageFinding } from './finding.ts';
export { reportFindings } from './report.ts';
export { type ImageSources, validateImage } from './validate.ts';
