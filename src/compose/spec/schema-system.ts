import * as z from 'zod';
import { type Checked, quoteText } from './checked.ts';
import type {
  DebconfAnswer,
  GroupAccount,
  InitramfsCompression,
  InitramfsSettings,
  SecuritySettings,
  SpecScript,
  UserAccount,
} from './model.ts';
import { checkOwner, checkSpecName } from './names.ts';
import { checkHostPath, checkImagePath } from './paths.ts';
import { checkKernelArgument, checkLabelKey, checkModule } from './policy-names.ts';
import { archivesShape, deniedShape, toPolicy, vulnerabilitiesShape } from './schema-policy.ts';
import { checkedText, filledListOf, listOf, ONE_LINE, refuse } from './schema-text.ts';
import { checkImageKey } from './signing-key.ts';

const itself = (value: string): string => value;
const COMPRESSIONS: readonly InitramfsCompression[] = ['zstd', 'xz', 'gzip', 'lz4'];
/** The kernel's "no such id" value is one above this. */
const ID_MAX = 2 ** 32 - 2;

const id = z.number().int().min(0).max(ID_MAX).optional();
const account = checkedText(checkAccountName, 'A name as useradd(8) takes it');
const line = z
  .string()
  .regex(ONE_LINE, 'this must be one line')
  .regex(/^[^:]*$/, 'this must not have a colon in it');

/** The keys of `initramfs`. */
export const initramfsShape = {
  modules: listOf(checkedText(checkModule, 'A kernel module'), itself).optional(),
  compression: z.enum(COMPRESSIONS).optional(),
};

/** The keys of `security.images`. */
export const securityImagesShape = {
  require: z.literal('signed').meta({ description: 'The base must be an image that one of the keys signed' }),
  keys: filledListOf(
    checkedText(
      checkImageKey,
      'An OpenPGP key or a public key of sigstore, as text, or the path of a file with one of them',
    ),
    key => (key.kind === 'file' ? key.path : key.key),
  ),
};

/** The keys of `security`. */
export const securityShape = {
  vulnerabilities: z.strictObject(vulnerabilitiesShape).optional(),
  images: z.strictObject(securityImagesShape).optional(),
  archives: z.strictObject(archivesShape).optional(),
  packages: z.strictObject(deniedShape).optional(),
  verity: z.enum(['require', 'prefer']).optional().meta({
    description: 'Whether it may be made bootable where fs-verity cannot protect it; prefer by default',
  }),
};

export function toSecurity(
  input: z.output<z.ZodObject<typeof securityShape>> | undefined,
  verity: SecuritySettings['verity'],
): SecuritySettings {
  const { images } = input ?? {};
  return {
    verity: input?.verity ?? verity,
    vex: input?.vulnerabilities?.vex ?? [],
    ...(images !== undefined && { images: { keys: images.keys } }),
    ...toPolicy(input ?? {}),
  };
}

export function toInitramfs(
  input: z.output<z.ZodObject<typeof initramfsShape>> | undefined,
): InitramfsSettings {
  const { modules, compression } = input ?? {};
  return { modules: modules ?? [], ...(compression === undefined ? {} : { compression }) };
}

/** The keys of an entry of `users`. */
export const userShape = {
  name: account,
  uid: id,
  group: account.optional().meta({ description: 'The primary group; one of the same name by default' }),
  home: checkedText(checkImagePath, 'The home directory').optional(),
  shell: checkedText(checkImagePath, 'The login shell').optional(),
  description: line.optional(),
  groups: listOf(account, itself).optional(),
  system: z.boolean().optional().meta({ description: 'For a service, not a person' }),
};

/** One entry of `users`. */
export function userSchema() {
  return z.strictObject(userShape).transform(
    ({ groups, system, ...input }): UserAccount => ({
      ...withoutUndefined(input),
      name: input.name,
      groups: groups ?? [],
      system: system ?? false,
    }),
  );
}

/** The keys of an entry of `groups`. */
export const groupShape = { name: account, gid: id, system: z.boolean().optional() };

/** One entry of `groups`. */
export function groupSchema() {
  return z.strictObject(groupShape).transform(
    ({ name, gid, system }): GroupAccount => ({
      name,
      ...(gid === undefined ? {} : { gid }),
      system: system ?? false,
    }),
  );
}

const word = z.string().regex(/^[\x21-\x7e]+$/, 'this must be one word of ASCII characters');

/** The keys of an entry of `debconf` that is a map. */
export const debconfShape = {
  // debconf-set-selections(1) takes lines that begin with # for comments.
  package: word.regex(/^[^#]/, 'this must not begin with #'),
  question: word,
  type: word,
  value: z.string().regex(ONE_LINE, 'this must be one line'),
};

/** One entry of `debconf`: a line of debconf-set-selections(1), or the same as a map. */
export function debconfSchema() {
  return z.union([checkedText(checkAnswer, 'PACKAGE QUESTION TYPE VALUE'), z.strictObject(debconfShape)]);
}

const ANSWER = /^([\x21\x22\x24-\x7e][\x21-\x7e]*)[ \t]+([\x21-\x7e]+)[ \t]+([\x21-\x7e]+)(?:[ \t](.*))?$/s;

function checkAnswer(text: string): Checked<DebconfAnswer> {
  const [, owner, question, type, value] = ANSWER.exec(text) ?? [];
  if (owner !== undefined && question !== undefined && type !== undefined && ONE_LINE.test(text))
    return { value: { package: owner, question, type, value: value ?? '' } };
  return { reason: `${quoteText(text)} is not an answer`, hint: 'write PACKAGE QUESTION TYPE VALUE' };
}

/** The keys of an entry of `scripts`. */
export const scriptShape = {
  name: checkedText(checkScriptName, 'For messages'),
  run: z
    .string()
    .regex(/\S/, 'the script is empty')
    .optional()
    .meta({ description: 'Shell text, or a whole script that begins with #!' }),
  source: checkedText(checkHostPath, 'A script to run; relative to the directory of the spec').optional(),
  inputs: listOf(
    checkedText(checkHostPath, 'A file or directory that the script finds below $APT_LAYER_INPUTS'),
    itself,
  ).optional(),
};

/** One entry of `scripts`: exactly one of run and source. */
export function scriptSchema() {
  return z.strictObject(scriptShape).transform((input, context): SpecScript => {
    const { name, run, source, inputs = [] } = input;
    const names = inputs.map(path => path.replace(/\/+$/, '').replace(/.*\//, ''));
    if (new Set(names).size < names.length)
      refuse(context, { reason: 'two inputs have one name', hint: 'put them into one directory' }, [
        'inputs',
      ]);
    if (run !== undefined && source === undefined) return { name, inputs, kind: 'inline', run };
    if (source !== undefined && run === undefined) return { name, inputs, kind: 'source', source };
    const reason = run === undefined ? 'it does not say what to run' : 'run and source exclude each other';
    refuse(context, { reason, hint: 'give exactly one of run, source' });
    return z.NEVER;
  });
}

/** The whole of `kernel-arguments`. */
export function kernelArgumentsSchema() {
  return listOf(checkedText(checkKernelArgument, 'One argument, such as quiet or console=ttyS0'), itself);
}

/** The whole of `labels`. */
export function labelsSchema() {
  // Before the record is read, as that drops a key called __proto__ without a word.
  return z.preprocess(
    (labels, context) => {
      for (const key of typeof labels === 'object' && labels !== null ? Object.keys(labels) : []) {
        const checked = checkLabelKey(key);
        if (!('value' in checked) && !Array.isArray(labels))
          refuse(context, { ...checked, ofKey: true }, [key]);
      }
      return labels;
    },
    z.record(z.string(), z.string()),
  );
}

function checkScriptName(text: string): Checked<string> {
  const checked = checkSpecName(text);
  return 'value' in checked ? checked : { ...checked, reason: `${quoteText(text)} cannot name a script` };
}

function checkAccountName(text: string): Checked<string> {
  const checked = checkOwner(text);
  if (!('value' in checked) || typeof checked.value !== 'string')
    return { reason: `${quoteText(text)} cannot name an account` };
  return { value: checked.value };
}

function withoutUndefined<T extends object>(
  input: T,
): { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
} {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as never;
}
