import { posix } from 'node:path';
import { type Checked, quoteText, type Refusal } from './checked.ts';

const MAX_PATH = 4095;
const MAX_COMPONENT = 255;
const UNPRINTABLE = /[\x00-\x1f\x7f]/;

/** Mount points and places that are empty in every image, so that a file there would never be seen. */
const OUTSIDE_IMAGE = ['/boot', '/dev', '/proc', '/run', '/sys', '/tmp'];

/** A path on the machine that builds: absolute, or relative to the directory of the spec. */
export function checkHostPath(text: string): Checked<string> {
  return refusePath(text) ?? { value: text };
}

/** The path of a file in the image: absolute, normal, and in a place that an image has. */
export function checkImagePath(text: string): Checked<string> {
  const refusal = refusePath(text);
  if (refusal !== undefined) return refusal;
  if (!text.startsWith('/'))
    return { reason: `${quoteText(text)} is not absolute`, hint: `write /${text.replace(/^(?:\.\/)+/, '')}` };
  if (text === '/') return { reason: 'the root itself is not a file' };
  if (text.split('/').includes('..')) return { reason: `${quoteText(text)} has .. in it` };
  const normal = posix.normalize(text).replace(/\/$/, '');
  if (normal !== text)
    return { reason: `${quoteText(text)} is not in its shortest form`, hint: `write ${normal}` };
  const outside = OUTSIDE_IMAGE.find(place => text === place || text.startsWith(`${place}/`));
  if (outside === undefined) return { value: text };
  return {
    reason: `${quoteText(text)} is not part of an image`,
    hint: `${outside} is made anew at each boot or belongs to the machine`,
  };
}

/** What a symbolic link of the image says; it may be relative and need not exist. */
export function checkLinkTarget(text: string): Checked<string> {
  return refusePath(text) ?? { value: text };
}

function refusePath(text: string): Refusal | undefined {
  if (text === '') return { reason: 'a path cannot be empty' };
  if (UNPRINTABLE.test(text)) return { reason: `${quoteText(text)} has control characters in it` };
  if (Buffer.byteLength(text) > MAX_PATH)
    return { reason: `${quoteText(text)} is longer than ${MAX_PATH} bytes` };
  if (text.split('/').some(part => Buffer.byteLength(part) > MAX_COMPONENT))
    return { reason: `${quoteText(text)} has a part longer than ${MAX_COMPONENT} bytes` };
  return undefined;
}
