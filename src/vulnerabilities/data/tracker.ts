import { FormatError } from '../../errors/index.ts';
import type { JsonMember } from '../../formats/json/index.ts';
import {
  type Decision,
  type ReleaseEntry,
  releaseKey,
  SEVERITIES,
  type Severity,
  type Vulnerability,
} from '../model.ts';
import { type Fields, fieldsOf, sourceNameOf, summaryOf, textOf, vulnerabilityId } from './fields.ts';
import { memberReader } from './member-reader.ts';

const NAME = 'data of the Debian security tracker';
/** The longest entry of the tracker has 100 KB: one of the kernel. */
const ENTRY_MAX_BYTES = 8 * 1024 * 1024;
const RELEASE = /^[a-z][a-z0-9.-]{0,40}$/;

/** Reads the JSON of Debian's security tracker in pieces: SOURCE, in it CVE, in it `releases`. FormatError says where it is none. */
export function trackerReader() {
  const scan = { name: NAME, depth: 2, maxBytes: ENTRY_MAX_BYTES };
  return memberReader(scan, { empty: 'it says nothing of any package', entriesOf });
}

function entriesOf({ path, value, offset }: JsonMember): ReleaseEntry[] {
  const [source = '', id = ''] = path;
  const fail = (where: string, what: string): never => {
    throw new FormatError(NAME, `${[source, id, ...(where === '' ? [] : [where])].join('/')} ${what}`, {
      offset,
    });
  };
  const at = { name: sourceNameOf(source, fail), id: vulnerabilityId(id, fail) };
  const entry = fieldsOf(value) ?? fail('', 'is no object');
  const releases = fieldsOf(entry['releases']) ?? fail('releases', 'is no object');
  const summary = summaryOf(entry['description']);
  const newest = fixedInUnstable(releases);
  return Object.entries(releases).flatMap(([release, said]) => {
    if (!RELEASE.test(release)) return fail('releases', 'has the name of no release');
    const where = `releases/${release}`;
    const fields = fieldsOf(said) ?? fail(where, 'is no object');
    const found = vulnerabilityOf(fields, newest, (key, what) => fail(`${where}/${key}`, what));
    if (found === undefined) return [];
    const vulnerability = { id: at.id, source: at.name, ...found, ...(summary === '' ? {} : { summary }) };
    return [{ release: releaseKey('debian', release), vulnerability }];
  });
}

type Failing = (key: string, what: string) => never;

/** Undefined for a release that never had it: its fixed version is `0`. */
function vulnerabilityOf(
  said: Fields,
  newest: string | undefined,
  fail: Failing,
): Omit<Vulnerability, 'id' | 'source' | 'summary'> | undefined {
  const status = textOf(said['status']) ?? fail('status', 'is no text');
  const fixed = said['fixed_version'] === undefined ? undefined : textOf(said['fixed_version']);
  if (fixed === undefined && said['fixed_version'] !== undefined) fail('fixed_version', 'is no text');
  if (status === 'resolved' && fixed === '0') return undefined;
  const decision = decisionOf(said);
  const note = summaryOf(said['nodsa']);
  const known = {
    severity: severityOf(said['urgency']),
    ...(decision === undefined ? {} : { decision }),
    ...(note === '' ? {} : { note }),
  };
  const without = fixed === undefined || fixed === '0' ? newest : fixed;
  const affected = [without === undefined ? {} : { fixed: without }];
  // A word that is new is not to hide anything, and resolved without a version says nothing of those that there are.
  if (status === 'open') return { ...known, affected };
  if (status === 'resolved' && fixed !== undefined) return { ...known, affected, inArchive: true };
  return { ...known, affected: [], undetermined: true };
}

/** The version with which unstable lost it: a release that still has it may have been given that one by its owner. */
function fixedInUnstable(releases: Fields): string | undefined {
  const sid = fieldsOf(releases['sid']);
  const fixed = textOf(sid?.['fixed_version']);
  return sid?.['status'] === 'resolved' && fixed !== '0' ? fixed : undefined;
}

function decisionOf(said: Fields): Decision | undefined {
  if (said['urgency'] === 'end-of-life') return 'end-of-life';
  if (said['nodsa_reason'] === 'ignored') return 'ignored';
  if (said['nodsa_reason'] === 'postponed') return 'postponed';
  return said['nodsa'] === undefined ? undefined : 'no-dsa';
}

/** Stars behind it say that it is not Debian's own word. */
function severityOf(urgency: unknown): Severity {
  const word = (textOf(urgency) ?? '').replace(/\*+$/, '');
  return SEVERITIES.find(one => one === word) ?? 'unassigned';
}
