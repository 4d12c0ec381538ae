import { expect, it } from 'vitest';
import { namePattern } from './name-pattern.ts';

it.each([
  [[], 'vim', true],
  [['vim'], 'vim', true],
  [['vim'], 'vim-tiny', false],
  [['vim*'], 'vim-tiny', true],
  [['*tiny'], 'vim-tiny', true],
  [['lib*6'], 'libc6', true],
  [['lib*6'], 'libc6-dev', false],
  [['lib?6'], 'libc6', true],
  [['v.m'], 'vim', false],
  [['a', 'v*'], 'vim', true],
  [['*a*a*a*a*a*a*a*a*a*b'], 'a'.repeat(5000), false],
])('%j and %s', (patterns, name, expected) => expect(namePattern(patterns)(name)).toBe(expected));
