import { expect, it } from 'vitest';
import { parseSpec, renderPackageRequest } from '../spec/index.ts';
import { packageEdit } from './edited.ts';

const BEFORE = 'base-image: local://min\nlayers: [aa, bb=1]\n';
const spec = (text: string) => parseSpec(text, 'spec.yaml');

function edit(text: string): string {
  const found = packageEdit(spec(BEFORE), spec(text));
  return found.kind === 'add' ? `add ${found.added.map(renderPackageRequest).join(' ')}` : found.kind;
}

it.each([
  ['base-image: local://min\nlayers: [bb=1, aa]\n', 'none'],
  [`${BEFORE}files: [{path: /etc/x, content: x}]\n`, 'none'],
  [`${BEFORE}debconf: [{package: aa, question: aa/x, type: string, value: y}]\n`, 'none'],
  [`${BEFORE}metadata: {preserve-permissions: false}\n`, 'none'],
  ['base-image: local://min\nlayers: [aa, bb=1, cc]\n', 'add cc'],
  ['base-image: local://min\nlayers: [aa, bb=1, /srv/c.deb]\n', 'add /srv/c.deb'],
  [`${BEFORE}holds: [aa]\n`, 'add '],
  ['base-image: local://min\nlayers: [aa]\n', 'remove'],
  ['base-image: local://min\nlayers: [aa, bb=2]\n', 'other'],
  ['base-image: local://min\nlayers: [aa, cc]\n', 'other'],
  ['base-image: local://max\nlayers: [aa, bb=1]\n', 'other'],
  [`${BEFORE}recommends: false\n`, 'other'],
  [`${BEFORE}remove: [nano]\n`, 'other'],
  [`${BEFORE}overrides: [{package: aa, version: "2"}]\n`, 'other'],
  [`${BEFORE}pins: [{packages: [aa], pin: "version 2", priority: 1001}]\n`, 'other'],
])('an edit to %j means for packages: %s', (text, expected) => {
  expect(edit(text)).toBe(expected);
});
