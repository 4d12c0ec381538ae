import * as z from 'zod';
import { specInputSchema } from './schema.ts';

/**
 * The JSON Schema (2020-12) of a spec file, for editors. It knows keys, types and choices; `parseSpec` also
 * checks the syntax of names and what excludes each other.
 */
export function specJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(specInputSchema, { io: 'input', target: 'draft-2020-12' });
  return { ...schema, title: 'apt-layer spec', description: 'What a deployment is made of' };
}
