import { stringify } from 'yaml';
import { parseSpec } from './parse.ts';

/** The YAML text of a spec that is put together from its keys, in their order, after a comment. Throws what `parseSpec` does for one that is not valid. */
export function specText(keys: Readonly<Record<string, unknown>>, comment: string): string {
  const text = `# ${comment}\n${stringify(keys)}`;
  parseSpec(text, 'the spec that was made');
  return text;
}
