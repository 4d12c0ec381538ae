import { expect, it } from 'vitest';
import { packageNameProblem } from './package-name.ts';

it.each([
  ['a', undefined],
  ['Upper_c++1.0-2', undefined],
  ['', 'may not be empty string'],
  ['.dot', 'must start with an alphanumeric character'],
  ['a/b', "character '/' not allowed (only letters, digits and characters '-+._')"],
  ['a!', "character '!' not allowed (only letters, digits and characters '-+._')"],
  ['n'.repeat(256), 'is longer than 255 bytes'],
])('the name %j: %s', (name, problem) => expect(packageNameProblem(name)).toBe(problem));
