import { describe, expect, it } from 'vitest';
import type { Finding } from '../../vulnerabilities/index.ts';
import { parseSpec, type SecurityPolicy } from '../spec/index.ts';
import {
  isExpired,
  isExpiring,
  type PolicyKnowledge,
  type PolicyPackage,
  policyFindings,
} from './findings.ts';

const NOW = new Date('2027-01-20T12:00:00Z');
const DAY = 86_400_000;

function finding(id: string, said: Partial<Finding> = {}): Finding {
  return {
    ...{ id, source: 'curl', installed: '8.14.1-2', fixed: '8.14.1-3', state: 'fixed', severity: 'high' },
    ...{ isBuiltIn: false, advisories: [], note: null, summary: null },
    packages: [{ name: 'libcurl4t64', architecture: 'amd64', version: '8.14.1-2', isInBase: true }],
    ...said,
  };
}
const known = (...findings: Finding[]): PolicyKnowledge => ({ findings, ageMs: DAY, maxAgeMs: 7 * DAY });
const one = (name: string, ...archives: string[]): PolicyPackage => ({
  ...{ name, architecture: 'amd64', version: '1' },
  archives: archives.length > 0 ? archives : ['Debian/trixie'],
});
function policyOf(text: string): SecurityPolicy {
  const { policy } = parseSpec(`base-image: apt://trixie\nsecurity: ${text}\n`, 's.yaml').security;
  if (policy === undefined) throw new Error('no rules');
  return policy;
}
const refused = (text: string, packages: readonly PolicyPackage[], knowledge?: PolicyKnowledge) =>
  policyFindings(policyOf(text), packages, knowledge, NOW).refusals.map(({ rule, subject }) => [
    rule,
    subject,
  ]);

const REFUSE = 'security.vulnerabilities.refuse';

describe('the rule for vulnerabilities', () => {
  it('refuses what is so severe, or worse, and fixed', () => {
    const all = [
      finding('CVE-1-medium', { severity: 'medium' }),
      finding('CVE-1-high'),
      finding('CVE-1-critical', { severity: 'critical' }),
      finding('CVE-1-open', { state: 'open', fixed: null }),
      finding('CVE-1-built-in', { isBuiltIn: true }),
    ];
    const of = (text: string) => refused(`{vulnerabilities: ${text}}`, [], known(...all)).map(([, id]) => id);
    expect(of('{refuse: [high]}')).toEqual(['CVE-1-high', 'CVE-1-critical']);
    expect(of('{refuse: [critical, medium]}')).toEqual(['CVE-1-medium', 'CVE-1-high', 'CVE-1-critical']);
    expect(of('{refuse: [critical], unfixed: refuse}')).toEqual(['CVE-1-critical']);
    expect(of('{refuse: [high], unfixed: refuse}')).toEqual([
      ...['CVE-1-high', 'CVE-1-critical', 'CVE-1-open', 'CVE-1-built-in'],
    ]);
    expect(of('{max-age: 7d}')).toEqual([]);
  });

  it('says what it is, and how to have it all the same', () => {
    const [said] = policyFindings(
      policyOf('{vulnerabilities: {refuse: [high]}}'),
      [],
      known(finding('CVE-1-1')),
      NOW,
    ).refusals;
    expect(said).toEqual({
      ...{ rule: REFUSE, subject: 'CVE-1-1', packages: ['libcurl4t64'] },
      message: 'CVE-1-1 (high) in curl 8.14.1-2, fixed in 8.14.1-3: libcurl4t64',
      allow:
        'take curl 8.14.1-3 (`apt-layer upgrade`, or a new lock by `apt-layer compose lock`), or add {cve: CVE-1-1, reason: WHY, until: YYYY-MM-DD} to `security.vulnerabilities.except`',
    });
  });

  it('lets an exception through until its last day is over', () => {
    const of = (until: string) => {
      const text = `{vulnerabilities: {refuse: [high], except: [{cve: CVE-1-1, reason: x, until: ${until}}]}}`;
      return policyFindings(policyOf(text), [], known(finding('CVE-1-1'), finding('CVE-1-2')), NOW);
    };
    const held = of('2027-01-20');
    expect(held.refusals.map(({ subject }) => subject)).toEqual(['CVE-1-2']);
    expect(held.excepted).toMatchObject([{ finding: { id: 'CVE-1-1' }, exception: { reason: 'x' } }]);
    const over = of('2027-01-19');
    expect(over.excepted).toEqual([]);
    expect(over.refusals[0]).toMatchObject({
      ...{ rule: 'security.vulnerabilities.except', entry: 'CVE-1-1', subject: 'CVE-1-1' },
      message: expect.stringContaining('its exception ended on 2027-01-19') as string,
      allow: expect.stringContaining('a later day') as string,
    });
  });

  it('speaks of an exception for two weeks before it ends', () => {
    const exception = { cve: 'CVE-1-1', reason: 'x', until: '2027-02-02' };
    const at = (time: string) => [
      isExpiring(exception, new Date(time)),
      isExpired(exception, new Date(time)),
    ];
    expect(at('2027-01-19T23:59:59Z')).toEqual([false, false]);
    expect(at('2027-01-20T00:00:00Z')).toEqual([true, false]);
    expect(at('2027-02-02T23:59:59Z')).toEqual([true, false]);
    expect(at('2027-02-03T00:00:00Z')).toEqual([false, true]);
  });

  it('lets nothing pass for want of data', () => {
    const rule = '{vulnerabilities: {refuse: [critical], max-age: 7d}}';
    const missing = [[REFUSE, 'data about vulnerabilities']];
    expect(refused(rule, [])).toEqual(missing);
    expect(refused(rule, [], { missing: 'it cannot be fetched', hint: '' })).toEqual(missing);
    expect(refused(rule, [], { findings: [], ageMs: 7 * DAY + 1, maxAgeMs: 7 * DAY })).toEqual(missing);
    expect(refused(rule, [], { findings: [], ageMs: 7 * DAY, maxAgeMs: 7 * DAY })).toEqual([]);
    expect(refused('{packages: {deny: [x]}}', [])).toEqual([]);
  });
});

describe('the rule for packages', () => {
  it('denies by name and by pattern', () => {
    const packages = ['telnet', 'telnetd', 'rsh-server', 'vim'].map(name => one(name));
    const of = (list: string) => refused(`{packages: {deny: ${list}}}`, packages).map(([, name]) => name);
    expect(of('[telnet]')).toEqual(['telnet']);
    expect(of('["telnet*", "?sh-server"]')).toEqual(['telnet', 'telnetd', 'rsh-server']);
    expect(of('[telne]')).toEqual([]);
  });
});

describe('the rule for archives', () => {
  const packages = [
    one('vim'),
    one('curl', 'Debian/stable-security', 'Debian/trixie-security'),
    one('strange', 'Example/others', 'Example/o'),
    one('own', 'local/file'),
    one('base', 'Debian/'),
    one('nobodys', 'unknown/unknown'),
  ];
  it.each([
    ['["Debian/trixie"]', ['curl', 'strange', 'own', 'nobodys']],
    ['["Debian/*"]', ['strange', 'own', 'nobodys']],
    ['["Debian/trixie", "Debian/*-security", "Example/o"]', ['own', 'nobodys']],
    ['["Example/*", "local/*"]', ['vim', 'curl', 'base', 'nobodys']],
    ['["*/*"]', []],
  ])('with %s refuses %j', (list, names) => {
    expect(refused(`{archives: {allow: ${list}}}`, packages).map(([, name]) => name)).toEqual(names);
  });

  it('speaks once of the packages of an archive', () => {
    const many = Array.from({ length: 10 }, (_, index) => one(`p${index}`, 'Example/others'));
    const { refusals } = policyFindings(policyOf('{archives: {allow: [Debian/*]}}'), many, undefined, NOW);
    expect(refusals.map(({ message, allow }) => [message, allow])).toEqual([
      [
        'Example/others is not allowed: p0, p1, p2, p3, p4, p5, p6, p7 and 2 more',
        'add Example/others to the rule, or take what needs these packages out of the system',
      ],
    ]);
  });
});
