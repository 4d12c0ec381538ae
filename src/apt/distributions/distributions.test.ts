import { describe, expect, it } from 'vitest';
import { distributionById, distributionOfSuite, pocketsOf, splitSuite, suggestSuite } from './index.ts';

it.each([
  ['trixie', 'debian'],
  ['trixie-security', 'debian'],
  ['sid', 'debian'],
  ['oldstable', 'debian'],
  ['buster/updates', undefined],
  ['noble-updates', 'ubuntu'],
  ['devel', 'ubuntu'],
  ['trixy', undefined],
  ['nodistro', undefined],
])('%s is of %s', (suite, id) => {
  expect(distributionOfSuite(suite)?.id).toBe(id);
});

it.each([
  ['trixy', 'trixie'],
  ['bookwrom', 'bookworm'],
  ['nobel', 'noble'],
  ['trixi-updates', 'trixie-updates'],
  ['something', undefined],
])('%s may mean %s', (suite, nearest) => {
  expect(suggestSuite(suite)).toBe(nearest);
});

it.each([
  ['trixie', 'trixie', undefined],
  ['trixie-backports', 'trixie', 'backports'],
  ['trixie-proposed-updates', 'trixie', 'proposed-updates'],
  ['bullseye/updates', 'bullseye', 'security'],
])('%s', (suite, base, pocket) => {
  expect(splitSuite(suite)).toEqual({ base, pocket });
});

describe('archives', () => {
  const debian = distributionById('debian')!;
  const ubuntu = distributionById('ubuntu')!;

  it.each([
    ['https://example.org/debian', 'https://example.org/debian-security'],
    ['http://example.org/debian/', 'http://example.org/debian-security'],
    ['http://example.org/pub/linux/debian/', 'http://example.org/pub/linux/debian-security'],
    [
      'http://example.org/archive/debian/20250520T000000Z',
      'http://example.org/archive/debian-security/20250520T000000Z',
    ],
    ['http://example.org/vendor/6.0/debian', undefined],
    ['http://example.org/repository', undefined],
  ])('%s', (mirror, security) => {
    expect(debian.securityArchive(mirror)).toBe(security);
    expect(debian.isArchive(mirror)).toBe(security !== undefined);
  });

  it('of Ubuntu hold their own security updates', () => {
    expect(ubuntu.securityArchive('http://example.org/ubuntu/')).toBe('http://example.org/ubuntu');
    expect(ubuntu.isArchive('http://example.org/ubuntu-ports')).toBe(true);
    expect(ubuntu.isArchive('http://example.org/debian')).toBe(false);
  });

  it('sid has no pockets', () => {
    expect(pocketsOf(debian, 'sid')).toEqual([]);
    expect(pocketsOf(debian, 'trixie')).toEqual(['updates', 'security']);
  });
});
