import { expect, it } from 'vitest';
import { placeInSpec } from './place.ts';

const OWN = { file: 'own.yaml', text: 'security:\n  packages:\n    deny:\n      - a\n      - "b*"\n' };
const INCLUDED = {
  file: 'common.yaml',
  text: 'security:\n  packages: {deny: [c]}\n  vulnerabilities:\n    refuse: [high]\n    except:\n      - {cve: CVE-1-1, reason: x, until: 2027-01-31}\n      - cve: CVE-1-2\n        reason: y\n        until: 2027-01-31\n',
};

it.each([
  ['security.packages.deny', 'b*', 'own.yaml:5'],
  ['security.packages.deny', 'c', 'common.yaml:2'],
  ['security.vulnerabilities.refuse', undefined, 'common.yaml:4'],
  ['security.vulnerabilities.except', 'CVE-1-2', 'common.yaml:7'],
  ['security.archives.allow', undefined, 'own.yaml'],
  ['security.packages.deny', 'nowhere', 'own.yaml'],
])('%s %s is at %s', (key, entry, place) => {
  expect(placeInSpec([OWN, INCLUDED], key, entry)).toBe(place);
});

it('is the file alone where that cannot be read any more', () => {
  expect(placeInSpec([{ file: 'own.yaml', text: '{' }], 'security')).toBe('own.yaml');
});
