import * as z from 'zod';
import { checkBaseImage, containerfileBase } from './base-image.ts';
import type { Checked } from './checked.ts';
import { quoteText } from './checked.ts';
import type { BaseImage } from './model.ts';
import { checkHostPath } from './paths.ts';
import { checkedText, refuse } from './schema-text.ts';

/** As shells and Containerfiles name variables. */
const ARGUMENT = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** The name of an argument of a build. */
export function checkBuildArgument(name: string): Checked<string> {
  if (ARGUMENT.test(name)) return { value: name };
  return {
    reason: `${quoteText(name)} cannot name a build argument`,
    hint: 'use letters, digits and _, starting with a letter',
  };
}

/** The keys of a `base-image` that is a map. */
export const containerfileShape = {
  containerfile: checkedText(checkHostPath, 'A Containerfile, which a container engine builds'),
  context: checkedText(
    checkHostPath,
    'The directory with what it copies; that of the Containerfile by default',
  ).optional(),
  'build-args': buildArgumentsSchema().optional(),
};

function buildArgumentsSchema() {
  // Before the record is read, as that drops a key called __proto__ without a word.
  return z.preprocess(
    (values, context) => {
      for (const key of typeof values === 'object' && values !== null ? Object.keys(values) : []) {
        const checked = checkBuildArgument(key);
        if (!('value' in checked) && !Array.isArray(values))
          refuse(context, { ...checked, ofKey: true }, [key]);
      }
      return values;
    },
    z.record(
      z.string(),
      z
        .string()
        .regex(/^[^\0]*$/, 'it has a zero byte in it')
        .max(32_768),
    ),
  );
}

/** `base-image`: text, or a map with a Containerfile. */
export function baseImageSchema() {
  const plain = checkedText(
    checkBaseImage,
    'apt://SUITE, local://REF, an image such as oci://ubuntu:24.04, or containerfile:PATH',
  );
  const built = z.strictObject(containerfileShape).transform(
    ({ containerfile, context, 'build-args': buildArguments }): BaseImage =>
      containerfileBase({
        containerfile,
        ...(context !== undefined && { context }),
        ...(buildArguments !== undefined && { buildArguments }),
      }),
  );
  return z.union([plain, built]);
}
