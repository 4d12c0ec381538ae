import { expect, it } from 'vitest';
import { dependencyGraph } from '../explain/index.ts';
import { neededBy } from './needs.ts';

const one = (name: string, architecture: string, depends: string, more: Record<string, string> = {}) => ({
  ...{ name, architecture, version: '1' },
  relations: { ...(depends === '' ? {} : { Depends: depends }), ...more },
});

it('takes what is meant of several architectures, once, and no recommendations', () => {
  const graph = dependencyGraph([
    one('dpkg', 'amd64', ''),
    one('libc6', 'amd64', 'libc6'),
    one('libc6', 'i386', ''),
    one('app', 'amd64', 'libc6 (>= 2), libc6, other | absent', { Recommends: 'dpkg' }),
    one('app', 'i386', 'libc6', { 'Pre-Depends': 'dpkg' }),
    one('other', 'all', 'libc6'),
    one('wine', 'amd64', 'wine32'),
    one('wine32', 'i386', ''),
  ]);
  const needs = neededBy(graph);
  expect(needs('app:amd64')).toEqual(['libc6:amd64', 'other:all']);
  expect(needs('app:i386')).toEqual(['dpkg:amd64', 'libc6:i386']);
  expect(needs('other:all')).toEqual(['libc6:amd64']);
  expect(needs('wine:amd64')).toEqual(['wine32:i386']);
  expect(needs('libc6:amd64')).toEqual([]);
  expect(needs('absent:amd64')).toEqual([]);
});
