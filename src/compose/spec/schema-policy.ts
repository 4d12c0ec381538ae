import * as z from 'zod';
import { timeOf } from '../../configuration/index.ts';
import { SEVERITIES } from '../../vulnerabilities/index.ts';
import { type Checked, quoteText } from './checked.ts';
import type { PolicyException, SecurityPolicy } from './model.ts';
import { checkHostPath } from './paths.ts';
import { checkedText, filledListOf, listOf, ONE_LINE } from './schema-text.ts';

const itself = (value: string): string => value;

/** The keys of an entry of `security.vulnerabilities.except`. */
export const exceptionShape = {
  cve: checkedText(checkVulnerability, 'CVE-YEAR-NUMBER, or another name that `cve` lists'),
  reason: z.string().regex(ONE_LINE, 'this must be one line').regex(/\S/, 'say why'),
  until: checkedText(checkDay, 'The last day on which it holds, in UTC: YYYY-MM-DD'),
};

/** The keys of `security.vulnerabilities`. */
export const vulnerabilitiesShape = {
  vex: listOf(checkedText(checkHostPath, 'OpenVEX; relative to the directory of the spec'), itself)
    .optional()
    .meta({ description: 'Files that say which vulnerabilities do no harm here, and why' }),
  refuse: filledListOf(z.enum(SEVERITIES), itself)
    .optional()
    .meta({ description: 'No system is deployed that has a known vulnerability so severe, or worse' }),
  unfixed: z.enum(['allow', 'refuse']).optional().meta({
    description: 'Whether `refuse` is also about those that no upgrade closes; allow by default',
  }),
  except: listOf(z.strictObject(exceptionShape), ({ cve }) => cve)
    .optional()
    .meta({ description: 'Vulnerabilities that are let through, for a time' }),
  'max-age': checkedText(checkAge, 'How old the data may be, such as 36h or 7d').optional(),
};

/** The keys of `security.archives`. */
export const archivesShape = {
  allow: filledListOf(checkedText(checkArchivePattern, 'ORIGIN/SUITE, in which * is any text'), itself).meta({
    description:
      'Archives that packages may come from, by Origin and Suite or Codename of their Release files',
  }),
};

/** The keys of `security.packages`. */
export const deniedShape = {
  deny: filledListOf(
    checkedText(checkNamePattern, 'The name of a package, in which * is any text'),
    itself,
  ).meta({ description: 'Packages that no system may have' }),
};

const policySchema = z.object({
  vulnerabilities: z.strictObject(vulnerabilitiesShape).optional(),
  archives: z.strictObject(archivesShape).optional(),
  packages: z.strictObject(deniedShape).optional(),
});

/** What the rules mean; nothing where there are none. */
export function toPolicy(input: z.output<typeof policySchema>): { readonly policy?: SecurityPolicy } {
  const { refuse, unfixed, except = [], 'max-age': maxAge } = input.vulnerabilities ?? {};
  const said = refuse !== undefined || unfixed === 'refuse' || except.length > 0 || maxAge !== undefined;
  const policy: SecurityPolicy = {
    ...(said && {
      vulnerabilities: {
        refuse: refuse ?? [],
        unfixed: unfixed ?? 'allow',
        except: except as readonly PolicyException[],
        ...(maxAge !== undefined && { maxAge }),
      },
    }),
    ...(input.archives !== undefined && { archives: input.archives.allow }),
    ...(input.packages !== undefined && { denied: input.packages.deny }),
  };
  return Object.keys(policy).length === 0 ? {} : { policy };
}

function checkVulnerability(text: string): Checked<string> {
  if (/^[A-Z][A-Za-z0-9._:+-]{2,99}$/.test(text)) return { value: text };
  return {
    reason: `${quoteText(text)} names no vulnerability`,
    hint: 'write it as `apt-layer cve` lists it',
  };
}

function checkDay(text: string): Checked<string> {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // A day that a month does not have becomes one of the next.
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text)) return { value: text };
  return { reason: `${quoteText(text)} is no day`, hint: 'write it as 2027-01-31' };
}

function checkAge(text: string): Checked<string> {
  const time = timeOf(text);
  if (time !== undefined && time > 0) return { value: text };
  return {
    reason: `${quoteText(text)} is no time`,
    hint: 'write a number of hours or days, such as 36h or 7d',
  };
}

function checkArchivePattern(text: string): Checked<string> {
  if (/^[^/\x00-\x1f\x7f]+\/[^\x00-\x20\x7f]+$/.test(text)) return { value: text };
  return {
    reason: `${quoteText(text)} is no pattern for archives`,
    hint: 'write ORIGIN/SUITE, such as Debian/trixie or Debian/*',
  };
}

function checkNamePattern(text: string): Checked<string> {
  if (/^[a-z0-9*?][a-z0-9+.*?-]*$/.test(text)) return { value: text };
  return {
    reason: `${quoteText(text)} is no name of a package`,
    hint: 'write a name, such as telnetd or *-dbgsym',
  };
}
