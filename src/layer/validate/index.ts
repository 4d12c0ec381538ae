export type { FindingKind, ImageFinding } from './finding.ts';
export { assertAssembled, describeImageFinding, reportFindings } from './report.ts';
export type { ModeOf, Scripted } from './severity.ts';
export { type ImageSources, validateAssembled, validateImage } from './validate.ts';
