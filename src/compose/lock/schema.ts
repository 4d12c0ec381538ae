import * as z from 'zod';
import { type ImageCheck, readImageCheck } from '../../formats/image-check/index.ts';

/** The id above this one is the kernel's "no id". */
const MAX_ID = 2 ** 32 - 2;

const text = (pattern: RegExp, what: string) => z.string().max(4096).regex(pattern, `is not ${what}`);

const packageSchema = z.strictObject({
  name: text(/^[a-z0-9][a-z0-9+._-]+$/, 'a package name'),
  architecture: text(/^[a-z0-9][a-z0-9-]*$/, 'an architecture'),
  version: text(/^(?:\d{1,10}:)?[A-Za-z0-9.+~:-]+$/, 'a package version'),
  sha256: text(/^[0-9a-f]{64}$/, 'a SHA-256 digest'),
  size: z.int().min(0),
  // After file:// is a path as it is, which may have spaces.
  uri: text(/^(?:file:\/\/[^\x00-\x1f\x7f]+|[a-z][a-z0-9+.-]*:[^\x00-\x20\x7f]+)$/, 'a URI'),
  requested: z.boolean(),
});

const ids = z.record(
  text(/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/, 'a user or group name'),
  z.int().min(0).max(MAX_ID),
);

const base = z.strictObject({
  request: text(/^[a-z-]+:[\x20-\x7e]+$/, 'a base image'),
  digest: text(/^(?:[0-9a-f]{64}|[0-9a-f]{128})$/, 'the digest of an image'),
});

const expired = z.array(text(/^[\x20-\x7e]+$/, 'an archive')).optional();

/** The base of version 2. */
export const baseSchema = base.extend({
  settings: text(/^[0-9a-f]{12,64}$/, 'a digest').optional(),
  manifest: text(/^sha256:[0-9a-f]{64}$/, 'a digest like sha256:HEX').optional(),
  check: z
    .unknown()
    .transform((value, context): ImageCheck => {
      const check = readImageCheck(value);
      if (check !== undefined) return check;
      context.addIssue({ code: 'custom', message: 'says not how an image was checked' });
      return z.NEVER;
    })
    .optional(),
  context: text(/^[0-9a-f]{64}$/, 'a SHA-256 digest').optional(),
  packages: z.array(packageSchema).optional(),
  expired,
});

const fields = {
  'generated-by': text(/^[\x20-\x7e]+$/, 'printable text').optional(),
  removed: z.array(text(/^[a-z0-9][a-z0-9+._-]+(?::[a-z0-9][a-z0-9-]*)?$/, 'a package name')).optional(),
  users: ids.optional(),
  groups: ids.optional(),
  inputs: z
    .record(text(/^\/[^\0]*$/, 'an absolute path'), text(/^[0-9a-f]{64}$/, 'a SHA-256 digest'))
    .optional(),
};

const networked = packageSchema.extend({ network: z.literal(true).optional() });

/**
 * The lock file. Version 2 has what version 1 does not know: the packages or the manifest of its base and how that was checked, archives that had expired, scripts with a
 * network. Version 3 says of each package in which stage it is.
 */
export const lockSchema = z.discriminatedUnion('version', [
  z.strictObject({ version: z.literal(1), base, packages: z.array(packageSchema), ...fields }),
  z.strictObject({
    version: z.literal(2),
    base: baseSchema,
    packages: z.array(networked),
    expired,
    ...fields,
  }),
  z.strictObject({
    version: z.literal(3),
    base: baseSchema,
    packages: z.array(networked.extend({ stage: z.int().min(1) })),
    expired,
    ...fields,
  }),
]);

/** Enough of a lock of any version to say whether this program can read it. */
export const versionSchema = z.looseObject({ version: z.int().min(1) });
