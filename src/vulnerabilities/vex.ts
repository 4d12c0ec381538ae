import { FormatError } from '../errors/index.ts';
import { readFileBytes } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';
import type { Finding } from './assess/index.ts';
import { type Fields, fieldsOf, summaryOf, textOf, textsOf } from './data/fields.ts';

const MAX_BYTES = 16 * 1024 * 1024;
const CONTEXT = /^https:\/\/openvex\.dev\/ns(?:\/v0\.[012]\.\d+)?$/;

/** Words for which there is nothing to do (OpenVEX 0.2.0). */
const SILENCING = ['not_affected', 'fixed'] as const;
const STATUSES = [...SILENCING, 'affected', 'under_investigation'] as const;

/** Why a system that has the versions with a vulnerability has not the vulnerability, by somebody who says so. */
export interface Explanation {
  readonly status: (typeof STATUSES)[number];
  /** Such as `vulnerable_code_not_in_execute_path`; null where words say it, or nothing does. */
  readonly justification: string | null;
  readonly statement: string | null;
  readonly author: string;
  readonly file: string;
}

/** What one statement of a file of OpenVEX says of which packages. */
export interface VexStatement extends Explanation {
  /** Of the vulnerability, and its other names. */
  readonly ids: readonly string[];
  /** Products and their parts, by purl or name; none where it is said of everything. */
  readonly products: readonly string[];
}

/** The statements of a file of OpenVEX, the last one said first. FormatError says where it is none. */
export function readVex(sys: Sys, file: string): VexStatement[] {
  const fail = (where: string, what: string): never => {
    throw new FormatError(
      file,
      `${where === '' ? 'it' : where} ${what}`,
      {},
      {
        hint: 'see openvex.dev for what is in such a file',
      },
    );
  };
  let json: unknown;
  try {
    json = JSON.parse(readFileBytes(sys, file, MAX_BYTES).toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof RangeError)) throw error;
    return fail('', `is no JSON: ${error.message}`);
  }
  const document = fieldsOf(json) ?? fail('', 'is no object');
  if (!CONTEXT.test(textOf(document['@context']) ?? ''))
    return fail('@context', 'is not that of OpenVEX 0.2');
  const author = summaryOf(document['author']) || fail('author', 'is missing');
  const statements = document['statements'];
  if (!Array.isArray(statements)) return fail('statements', 'is no list');
  return statements
    .map((one: unknown, index): VexStatement => {
      const where = `statements/${index}`;
      const said = fieldsOf(one) ?? fail(where, 'is no object');
      const status =
        STATUSES.find(word => word === said['status']) ?? fail(`${where}/status`, 'is no status');
      const justification = textOf(said['justification']) ?? null;
      const statement = summaryOf(said['impact_statement']) || null;
      if (status === 'not_affected' && justification === null && statement === null)
        fail(where, 'has neither a justification nor an impact_statement');
      const ids = idsOf(said['vulnerability']);
      if (ids.length === 0) fail(`${where}/vulnerability`, 'has no name');
      return { status, justification, statement, author, file, ids, products: productsOf(said) };
    })
    .reverse();
}

function idsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  const said = fieldsOf(value);
  const names = [said?.['name'], said?.['@id']].flatMap(one => textOf(one) ?? []);
  return [...names.map(one => one.replace(/^.*\//, '')), ...textsOf(said?.['aliases'])];
}

function productsOf(statement: Fields): string[] {
  const products = Array.isArray(statement['products']) ? statement['products'] : [];
  return products.flatMap((one: unknown) => {
    const product = fieldsOf(one);
    const parts = Array.isArray(product?.['subcomponents']) ? product['subcomponents'] : [];
    // The parts are what has it; the product around them, an image or a machine, is what one looks at.
    return parts.length > 0 ? parts.flatMap(namesOf) : namesOf(one);
  });
}

function namesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  const said = fieldsOf(value);
  const identifiers = fieldsOf(said?.['identifiers']);
  return [said?.['@id'], identifiers?.['purl']].flatMap(one => textOf(one) ?? []);
}

/** A finding, with what silences it. */
export interface SilencedFinding extends Finding {
  readonly explanation: Explanation;
}

/** Parts findings into those that stand and those that statements silence; of one finding, the statement that comes first counts. */
export function explain(
  findings: readonly Finding[],
  {
    statements,
    distribution,
  }: { readonly statements: readonly VexStatement[]; readonly distribution: string },
): { readonly standing: readonly Finding[]; readonly silenced: readonly SilencedFinding[] } {
  const standing: Finding[] = [];
  const silenced: SilencedFinding[] = [];
  for (const one of findings) {
    const found = statements.find(statement => isAbout(statement, one, distribution));
    if (found === undefined || !SILENCING.some(word => word === found.status)) standing.push(one);
    else {
      const { status, justification, statement, author, file } = found;
      silenced.push({ ...one, explanation: { status, justification, statement, author, file } });
    }
  }
  return { standing, silenced };
}

function isAbout({ ids, products }: VexStatement, finding: Finding, distribution: string): boolean {
  if (!ids.includes(finding.id)) return false;
  return products.length === 0 || products.some(product => isProduct(product, finding, distribution));
}

/** `pkg:deb/debian/NAME[@VERSION]` of the source or of all its packages that are there, or such a name alone. */
function isProduct(product: string, { source, installed, packages }: Finding, distribution: string): boolean {
  const purl = /^pkg:deb\/([^/@?#]+)\/([^@?#]+)(?:@([^?#]+))?/.exec(product);
  const name = decoded(purl?.[2] ?? product);
  const version = purl?.[3] === undefined ? undefined : decoded(purl[3]);
  if (purl === null ? /[:/]/.test(product) : purl[1] !== distribution) return false;
  if (name === source && (version === undefined || version === installed)) return true;
  return packages.every(one => one.name === name && (version === undefined || version === one.version));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * A file of OpenVEX with a statement for each finding, to be filled in: `under_investigation` silences nothing until somebody says
 * `not_affected`, and why.
 */
export function draftVex(
  findings: readonly Finding[],
  about: { readonly distribution: string; readonly author: string; readonly id: string; readonly now: Date },
): string {
  const product = ({ source, installed }: Finding) =>
    `pkg:deb/${about.distribution}/${encodeURIComponent(source)}@${encodeURIComponent(installed)}?arch=source`;
  const document = {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': `https://openvex.dev/docs/public/${about.id}`,
    author: about.author,
    timestamp: about.now.toISOString(),
    version: 1,
    statements: findings.map(one => ({
      vulnerability: { name: one.id, ...(one.summary === null ? {} : { description: one.summary }) },
      products: [{ '@id': product(one) }],
      status: 'under_investigation',
      status_notes: `${one.source} ${one.installed}: ${one.state}`,
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
