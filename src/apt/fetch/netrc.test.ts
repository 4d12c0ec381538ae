import { expect, it } from 'vitest';
import { findLogin, parseNetrc } from './netrc.ts';

const TEXT = `# comment machine none
machine archive.example.org login a password b
machine http://plain.example.org:8080/debian
  login c
  password d
machine https://deep.example.org/private login e password f`;

it.each([
  ['https://archive.example.org/debian', 'a'],
  ['http://archive.example.org/debian', undefined],
  ['http://plain.example.org:8080/debian/pool', 'c'],
  ['http://plain.example.org/debian/pool', undefined],
  ['http://plain.example.org:8080/other', undefined],
  ['https://deep.example.org/private/x', 'e'],
  ['https://deep.example.org/public', undefined],
  ['https://none/', undefined],
])('%s -> %s', (url, user) => {
  expect(findLogin(parseNetrc(TEXT), new URL(url))?.user).toBe(user);
});

it('passes over what is no entry', () => {
  expect(parseNetrc('machine ../x login y password z')).toEqual([]);
});
