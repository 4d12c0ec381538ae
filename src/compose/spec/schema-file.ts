import * as z from 'zod';
import { type Checked, quoteText } from './checked.ts';
import type { SpecFile } from './model.ts';
import { checkOwner } from './names.ts';
import { checkHostPath, checkImagePath, checkLinkTarget } from './paths.ts';
import { checkedText, meaning, refuse } from './schema-text.ts';

const SOURCES = ['content', 'source', 'link', 'directory'] as const;
const OWNERSHIP = ['mode', 'owner', 'group'] as const;

const owner = (whose: string) =>
  z
    .union([z.string(), z.number()])
    .transform((input, context) => meaning(checkOwner(input), context))
    .optional()
    .meta({ description: `${whose}, as a name of the image or a number; root by default` });

/** The keys of an entry of `files`. */
export const fileShape = {
  path: checkedText(checkImagePath, 'Absolute path in the image'),
  content: z.string().optional().meta({ description: 'The text of the file' }),
  source: checkedText(checkHostPath, 'A file to copy; relative to the directory of the spec').optional(),
  link: checkedText(checkLinkTarget, 'Target of a symbolic link').optional(),
  directory: z.literal(true).optional().meta({ description: 'Make a directory' }),
  mode: z
    .union([z.string(), z.number()])
    .transform((input, context) => meaning(checkMode(String(input)), context))
    .optional()
    .meta({
      description: 'Permission bits in octal, such as 0644; 0644 for files, 0755 for directories by default',
    }),
  owner: owner('The owning user'),
  group: owner('The owning group'),
};

/** One entry of `files`: exactly one of content, source, link and directory. */
export function fileSchema() {
  return z.strictObject(fileShape).transform((input, context): SpecFile => {
    const given = SOURCES.filter(key => input[key] !== undefined);
    if (given.length !== 1) {
      const reason =
        given.length === 0 ? 'it does not say what the file is' : `${given.join(' and ')} exclude each other`;
      refuse(context, { reason, hint: `give exactly one of ${SOURCES.join(', ')}` });
      return z.NEVER;
    }
    const { path } = input;
    if (input.link !== undefined) {
      for (const key of OWNERSHIP.filter(name => input[name] !== undefined))
        refuse(context, { reason: 'a symbolic link has none', hint: 'remove it' }, [key]);
      return { kind: 'link', path, target: input.link };
    }
    const ownership = {
      mode: input.mode ?? (input.directory ? 0o755 : 0o644),
      owner: input.owner ?? 'root',
      group: input.group ?? 'root',
    };
    if (input.content !== undefined) return { kind: 'content', path, content: input.content, ...ownership };
    if (input.source !== undefined) return { kind: 'source', path, source: input.source, ...ownership };
    return { kind: 'directory', path, ...ownership };
  });
}

/** Octal whether it is written `0644`, `644`, `0o644` or in quotes; no other base is ever meant. */
function checkMode(text: string): Checked<number> {
  const digits = /^(?:0o|0)?([0-7]{3,4})$/.exec(text)?.[1];
  if (digits !== undefined) return { value: Number.parseInt(digits, 8) };
  return {
    reason: `${quoteText(text)} is not a file mode`,
    hint: 'write three or four octal digits, such as 0644',
  };
}
