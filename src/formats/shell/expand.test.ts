// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell writes expansions so, too
import { describe, expect, it } from 'vitest';
import {
  compareWithNothing,
  evaluateTest,
  expandFields,
  expandWord,
  matchesPattern,
  parseShell,
} from './index.ts';

const known: Readonly<Record<string, string>> = { '1': 'configure', '2': '', list: 'a  b', x: 'y' };
const lookup = (name: string) => known[name];

function words(text: string) {
  const [command] = parseShell(text);
  return command?.kind === 'simple' ? command.words : [];
}

describe('words', () => {
  it.each([
    ['$1 "$1" \'$1\' a${1}b', ['configure', 'configure', '$1', 'aconfigureb']],
    ['$2 "$2" "" $unknown "$unknown"', ['', '', undefined, undefined]],
    ['$list "$list" a$list', ['a', 'b', 'a  b', undefined]],
    ['"${2:-z}" "${2:+z}" "${x:-z}" "${x:+z}" "${x-z}"', ['z', '', 'y', 'z', 'y']],
    ['"${2-z}" "${x#y}" "$(a)" $((1)) "${2:-$(a)}"', [undefined, undefined, undefined, undefined, undefined]],
  ])('%s', (text, expected) => {
    expect(expandFields(words(text), lookup)).toEqual(expected);
  });

  it('disappear when nothing is left of them', () => {
    expect(words('$2 ${2:+x} "$2" \'\' $x').map(word => expandWord(word, lookup).isGone)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('test', () => {
  const files = (operator: string, path: string) => (operator === '-d' && path === '/no' ? false : undefined);
  it.each([
    [['a', '=', 'a'], true],
    [['a', '!=', 'a'], false],
    [['-n', ''], false],
    [['-z', ''], true],
    [['!', '-z', ''], false],
    [['-d', '/no'], false],
    [['-d', '/yes'], undefined],
    [['-d', '/no', '-o', 'a', '=', 'a'], true],
    [['-d', '/no', '-a', 'a', '=', 'a'], false],
    [[undefined, '=', 'a'], undefined],
    [[''], false],
    [['a'], true],
    [[], undefined],
    [['-n', undefined], undefined],
  ])('%j', (operands, expected) => {
    expect(evaluateTest(operands as (string | undefined)[], files)).toBe(expected);
  });
});

it('nothing is older than every version', () => {
  expect(compareWithNothing(['', 'lt', '1'])).toBe(true);
  expect(compareWithNothing(['', 'lt-nl', '1'])).toBe(false);
  expect(compareWithNothing(['1', 'lt', '2'])).toBeUndefined();
});

it.each([
  ['a', 'a', true],
  ['a', 'b', false],
  ['a', '[ab]', undefined],
  [undefined, '*', true],
  [undefined, 'a', undefined],
  ['abort-upgrade', 'abort-*', true],
  ['upgrade', 'abort-*', false],
  ['aba', 'ab*ba', false],
  ['abcabd', 'a*c*b*d', true],
  ['abcabd', 'a*d*b*', false],
])('%j as the pattern %j: %s', (subject, pattern, expected) => {
  expect(matchesPattern(subject, pattern)).toBe(expected);
});
