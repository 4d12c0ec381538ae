export type { FindingKind, ImageFinding } from './finding.ts';
export { describeImageFinding, reportFindings } from './report.ts';
export { type ImageSources, validateImage } from './validate.ts';
