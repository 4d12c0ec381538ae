import { expect, it } from 'vitest';
import { environmentInside } from './users-environment.ts';

it.each([
  ['http://proxy.example:3128', 'http://proxy.example:3128'],
  ['http://me:secret@proxy.example:3128', 'http://proxy.example:3128/'],
  ['me:secret@proxy.example:3128', 'http://proxy.example:3128/'],
  ['socks5h://me:secret@proxy.example:1080/', 'socks5h://proxy.example:1080/'],
  ['proxy.example:3128', 'proxy.example:3128'],
  ['http://[', undefined],
  ['http://me:secret@a b', undefined],
])('the proxy %j is %j inside', (given, expected) => {
  expect(environmentInside({ http_proxy: given, HTTPS_PROXY: given })).toEqual(
    expected === undefined ? {} : { http_proxy: expected, HTTPS_PROXY: expected },
  );
});

it('passes on the rest as it is', () => {
  const given = { TERM: 'xterm', no_proxy: 'a@b,c', EDITOR: undefined };
  expect(environmentInside(given)).toEqual({ TERM: 'xterm', no_proxy: 'a@b,c' });
});
