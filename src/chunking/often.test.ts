import { expect, it } from 'vitest';
import { isReleaseUpdate } from './often.ts';

it.each([
  ['8.14.1-2+deb13u7', true],
  ['5.10.8~deb12u1', true],
  ['3.0.13-0ubuntu3.5', true],
  ['1:2.39-0ubuntu8.4', true],
  ['2.2.1-1', false],
  ['2.41-12+b1', false],
  ['1.9.4-1build1', false],
  ['0.9-3ubuntu2', false],
  ['1.0+debian-2', false],
])('%s', (version, expected) => {
  expect(isReleaseUpdate(version)).toBe(expected);
});
