import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseHits } from './search.ts';

it('reads what apt-cache prints', () => {
  expect(parseHits('vim - an editor - improved\na - \n\nnonsense\nvim - again\n')).toEqual([
    { name: 'a', summary: '' },
    { name: 'vim', summary: 'an editor - improved' },
  ]);
});

it('takes any text', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      for (const { name } of parseHits(text)) expect(name).not.toBe('');
    }),
  );
});
