import { expect, it } from 'vitest';
import { forbiddenVersions } from './unavailable.ts';

it('tells what a pin forbids from what is not there', () => {
  const said = `b:
  Installed: (none)
  Candidate: (none)
  Version table:
     2.0 -1
        500 http://127.0.0.1:8080 test/main amd64 Packages
     1.0 -1
        500 http://127.0.0.1:8080 test/main amd64 Packages
c:
  Installed: (none)
  Candidate: 1.0
  Version table:
     2.0 -1
     1.0 500
d:
  Installed: (none)
  Candidate: (none)
  Version table:
`;
  expect(forbiddenVersions(said)).toEqual([
    { name: 'b', version: '2.0', priority: -1 },
    { name: 'b', version: '1.0', priority: -1 },
  ]);
  expect(forbiddenVersions('')).toEqual([]);
});
