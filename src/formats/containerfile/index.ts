/** What a Containerfile and the ignore file beside it say, as far as it has to be known before an engine reads them. */
export { fromImages, movingImages } from './from.ts';
export { type IgnoreRule, isIgnored, parseIgnore, type Verdicts, verdictsOn } from './ignore.ts';
