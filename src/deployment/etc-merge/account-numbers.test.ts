import { expect, it } from 'vitest';
import { numberAccounts, numbersMove } from './account-numbers.ts';

const user = (name: string, uid: number, gid = uid) => `${name}:x:${uid}:${gid}::/:/bin/sh\n`;
const group = (name: string, gid: number) => `${name}:x:${gid}:\n`;
const none = { passwd: '', group: '' };

it.each<[string, { base?: string; mine: string; fresh: string }, string]>([
  ['a number of its own stays', { mine: user('pcp', 995), fresh: user('sshd', 996) }, user('sshd', 996)],
  [
    'one that is taken does not',
    { mine: user('pcp', 995), fresh: user('sshd', 995) },
    user('sshd', 100, 995),
  ],
  [
    'what it gets is free in the image and on the machine',
    { mine: user('pcp', 995) + user('a', 100), fresh: user('b', 101) + user('sshd', 995) },
    user('b', 101) + user('sshd', 102, 995),
  ],
  [
    "a person's is one for people",
    { mine: user('anna', 1000), fresh: user('web', 1000) },
    user('web', 1001, 1000),
  ],
  [
    'names that share a number in the image are meant to',
    { mine: user('root', 0), fresh: user('root', 0) + user('toor', 0) },
    user('root', 0) + user('toor', 0),
  ],
  [
    'an account of the image with another number here is another name, too',
    { base: user('pcp', 994), mine: user('pcp', 995), fresh: user('pcp', 994) + user('sshd', 995) },
    user('pcp', 994) + user('sshd', 100, 995),
  ],
  [
    'what was deleted here does not come, and needs none',
    { base: user('sshd', 995), mine: user('pcp', 995), fresh: user('sshd', 995) },
    user('sshd', 995),
  ],
])('%s', (_, { base = '', mine, fresh }, expected) => {
  const sides = { base: { passwd: base, group: '' }, mine: { passwd: mine, group: '' } };
  expect(numberAccounts({ ...sides, fresh: { passwd: fresh, group: '' } }).fresh.passwd).toBe(expected);
});

it('a user and its group move together, and other groups keep what they mean', () => {
  const { fresh, clashes } = numberAccounts({
    base: none,
    mine: {
      passwd: user('pcp', 995, 990),
      group: group('pcp', 990) + group('scanner', 100) + group('ssl', 105),
    },
    fresh: {
      passwd: user('sshd', 995, 990) + user('scan', 300, 107) + user('tls', 301, 110),
      group: group('sshd', 990) + group('scanner', 107) + group('ssl', 110),
    },
  });
  expect(fresh).toStrictEqual({
    passwd: user('sshd', 101, 101) + user('scan', 300, 100) + user('tls', 301, 105),
    group: group('sshd', 101) + group('scanner', 107) + group('ssl', 110),
  });
  expect(clashes).toStrictEqual([
    { kind: 'user', name: 'sshd', number: 995, holder: 'pcp', free: 101 },
    { kind: 'group', name: 'sshd', number: 990, holder: 'pcp', free: 101 },
  ]);
});

it('says which names have other numbers here than in the image, once', () => {
  const differences = (base: string) =>
    numberAccounts({
      base: { passwd: base, group: '' },
      mine: { passwd: user('a', 100), group: group('g', 5) },
      fresh: { passwd: user('a', 101), group: group('g', 6) },
    }).differences;
  const ofGroup = { kind: 'group', name: 'g', mine: 5, fresh: 6 };
  expect(differences('')).toStrictEqual([{ kind: 'user', name: 'a', mine: 100, fresh: 101 }, ofGroup]);
  expect(differences(user('a', 101))).toStrictEqual([ofGroup]);
});

it('says when no number is left', () => {
  const all = Array.from({ length: 900 }, (_, index) => user(`u${index}`, 100 + index)).join('');
  const { clashes } = numberAccounts({
    base: none,
    mine: { passwd: all, group: '' },
    fresh: { passwd: user('sshd', 995), group: '' },
  });
  expect(clashes).toMatchObject([{ holder: 'u895', free: undefined }]);
});

it.each([
  [user('a', 1), user('a', 1) + user('b', 2), false],
  [user('a', 1) + user('b', 2), user('a', 1), false],
  [user('a', 1), user('a', 2), true],
  [user('a', 1), user('b', 1), true],
  ['broken', 'other', false],
])('whether numbers move from %j to %j: %j', (base, fresh, expected) => {
  expect(numbersMove(base, fresh)).toBe(expected);
});
