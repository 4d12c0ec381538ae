import { expect, it } from 'vitest';
import { afterInstallation } from './predict.ts';

const one = (text: string) => {
  const [name = '', architecture = '', version = ''] = text.split('/');
  return { name, architecture, version };
};
const set = (...list: string[]) =>
  new Map(list.map(text => [text.split('/').slice(0, 2).join(':'), one(text)]));
const listed = (map: ReadonlyMap<string, { name: string; architecture: string; version: string }>) =>
  [...map.values()].map(({ name, architecture, version }) => `${name}/${architecture}/${version}`).sort();

it.each([
  [['a/amd64/1'], ['a/amd64/2', 'b/all/1'], [], ['a/amd64/2', 'b/all/1']],
  [['a/all/1'], ['a/amd64/2'], [], ['a/amd64/2']],
  [['a/amd64/1'], ['a/all/2'], [], ['a/all/2']],
  [['a/amd64/1'], ['a/i386/1'], [], ['a/amd64/1', 'a/i386/1']],
  [['a/amd64/1', 'a/i386/1', 'b/all/1'], [], ['a:i386', 'b'], ['a/amd64/1']],
])('%j with %j without %j', (before, install, remove, expected) => {
  expect(listed(afterInstallation(set(...before), { install: install.map(one), remove }))).toEqual(expected);
});
