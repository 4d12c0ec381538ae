export { fetchDocument, type Validators } from './document.ts';
export type { FetchFile } from './download.ts';
export { fetchFiles, isFetchable } from './fetch.ts';
export { type FetchSettings, fetchSettings } from './settings.ts';
export { fetchStep } from './step.ts';
export { fetchText } from './text.ts';
