import { FormatError } from '../../errors/index.ts';
import type { JsonMember } from '../../formats/json/index.ts';
import {
  type AffectedRange,
  type ReleaseEntry,
  releaseKey,
  SEVERITIES,
  type Severity,
  type Vulnerability,
} from '../model.ts';
import {
  type Fields,
  fieldsOf,
  sourceNameOf,
  summaryOf,
  textOf,
  textsOf,
  vulnerabilityId,
} from './fields.ts';
import { memberReader } from './member-reader.ts';

const NAME = 'data of OSV';
/** Records of kernels list every version of dozens of packages. */
const RECORD_MAX_BYTES = 32 * 1024 * 1024;
const RANGES_MAX = 1000;

/** Reads records of OSV, one after the other, in pieces. FormatError says where something is none. */
export function osvReader() {
  const scan = { name: NAME, depth: 0, maxBytes: RECORD_MAX_BYTES };
  return memberReader(scan, { empty: 'there is no record in it', entriesOf });
}

function entriesOf({ value, offset }: JsonMember): ReleaseEntry[] {
  const record = fieldsOf(value);
  const name = textOf(record?.['id']);
  const fail = (where: string, what: string): never => {
    throw new FormatError(NAME, `${name ?? 'a record'}${where === '' ? '' : `/${where}`} ${what}`, {
      offset,
    });
  };
  if (record === undefined || name === undefined) return fail('', 'has no id');
  if (record['withdrawn'] !== undefined) return [];
  const affected = record['affected'] ?? [];
  if (!Array.isArray(affected)) return fail('affected', 'is no list');
  const known = identityOf(record, name, fail);
  return affected.flatMap((one: unknown, index) => {
    const fields = fieldsOf(one) ?? fail(`affected/${index}`, 'is no object');
    const where = fieldsOf(fields['package']);
    const release = releaseOf(textOf(where?.['ecosystem']) ?? '');
    if (release === undefined) return [];
    const failing = (key: string, what: string) =>
      fail(`affected/${index}${key === '' ? '' : `/${key}`}`, what);
    const source = sourceNameOf(textOf(where?.['name']) ?? '', failing);
    const severity = severityOf(record, fields);
    const ranges = rangesOf(fields, failing);
    return known.ids.map(id => ({
      release,
      vulnerability: { id, source, severity, ...ranges, ...known.facts, ...endOfLife(fields) },
    }));
  });
}

/** `DEBIAN-CVE-2024-1234` and `UBUNTU-CVE-2024-1234` are about one vulnerability, an advisory about those that it names. */
function identityOf(record: Fields, name: string, fail: (where: string, what: string) => never) {
  const own = /^(?:DEBIAN|UBUNTU)-((?:CVE|TEMP)-.+)$/.exec(name)?.[1] ?? name;
  const summary = summaryOf(record['summary'] ?? record['details']);
  const facts = summary === '' ? {} : { summary };
  if (/^CVE-/.test(own)) return { ids: [vulnerabilityId(own, fail)], facts };
  const named = ['upstream', 'aliases', 'related'].flatMap(key => textsOf(record[key]));
  const ids = [...new Set(named.map(one => one.replace(/^(?:DEBIAN|UBUNTU)-(?=CVE-)/, '')))].filter(one =>
    one.startsWith('CVE-'),
  );
  if (ids.length === 0) return { ids: [vulnerabilityId(own, fail)], facts };
  const isAdvisory = /^(?:DSA|DLA|DTSA|ELA|USN|LSN)-/.test(own);
  return {
    ids: ids.map(one => vulnerabilityId(one, fail)),
    facts: { ...facts, ...(isAdvisory ? { advisories: [own] } : {}) },
  };
}

/** `Debian:13`, `Ubuntu:24.04:LTS`; what Ubuntu sells (`Ubuntu:Pro:...`) is in archives of its own. */
function releaseOf(ecosystem: string): string | undefined {
  const [, distribution = '', release = ''] =
    /^(Debian|Ubuntu):(\d[\d.]{0,10})(?::LTS)?$/.exec(ecosystem) ?? [];
  return distribution === '' ? undefined : releaseKey(distribution.toLowerCase(), release);
}

function rangesOf(
  fields: Fields,
  fail: (where: string, what: string) => never,
): Pick<Vulnerability, 'affected' | 'inArchive' | 'undetermined'> {
  const ranges = fields['ranges'] ?? [];
  if (!Array.isArray(ranges) || ranges.length > RANGES_MAX) return fail('ranges', 'is no list');
  const affected = ranges.flatMap((one: unknown, index): AffectedRange[] => {
    const range = fieldsOf(one);
    if (range?.['type'] !== 'ECOSYSTEM') return [];
    const events = range['events'];
    if (!Array.isArray(events) || events.length > RANGES_MAX)
      return fail(`ranges/${index}/events`, 'is no list');
    return spansOf(
      events.map(event => fieldsOf(event) ?? fail(`ranges/${index}/events`, 'has what is no object')),
    );
  });
  if (affected.length > 0) {
    const isFixed = affected.some(one => one.fixed !== undefined);
    return { affected, ...(isFixed ? { inArchive: true as const } : {}) };
  }
  const versions = textsOf(fields['versions']);
  if (versions.length === 0) return { affected: [], undetermined: true };
  return { affected: versions.map(version => ({ introduced: version, last: version })) };
}

/** Events in the order of the record: each `introduced` begins a span that the next `fixed` or `last_affected` ends. */
function spansOf(events: readonly Fields[]): AffectedRange[] {
  const spans: AffectedRange[] = [];
  let open: { introduced?: string } | undefined;
  for (const event of events) {
    const introduced = textOf(event['introduced']);
    const fixed = textOf(event['fixed']);
    const last = textOf(event['last_affected']);
    if (introduced !== undefined) {
      if (open !== undefined) spans.push(open);
      open = introduced === '0' ? {} : { introduced };
    } else if (fixed !== undefined || last !== undefined) {
      spans.push({ ...open, ...(fixed === undefined ? { last: last ?? '' } : { fixed }) });
      open = undefined;
    }
  }
  return open === undefined ? spans : [...spans, open];
}

function severityOf(record: Fields, fields: Fields): Severity {
  const specific = [fields['ecosystem_specific'], fields['database_specific'], record['ecosystem_specific']]
    .map(fieldsOf)
    .flatMap(one => [one?.['urgency'], one?.['ubuntu_priority'], one?.['severity']]);
  const scores = [fields['severity'], record['severity']].flatMap(list =>
    Array.isArray(list) ? list.map(one => fieldsOf(one)) : [],
  );
  const ubuntu = scores.filter(one => one?.['type'] === 'Ubuntu').map(one => one?.['score']);
  for (const word of [...specific, ...ubuntu]) {
    const text = textOf(word)?.toLowerCase();
    const found = SEVERITIES.find(one => one === (text === 'negligible' ? 'unimportant' : text));
    if (found !== undefined) return found;
  }
  return 'unassigned';
}

function endOfLife(fields: Fields): Pick<Vulnerability, 'decision'> {
  return fieldsOf(fields['ecosystem_specific'])?.['urgency'] === 'end-of-life'
    ? { decision: 'end-of-life' }
    : {};
}
