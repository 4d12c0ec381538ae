import { describe, expect, it } from 'vitest';
import { environmentLogins, environmentProxy, isWithoutProxy } from './environment-proxy.ts';

const HTTP = new URL('http://archive.example.org/debian/x.deb');
const HTTPS = new URL('https://archive.example.org/debian/x.deb');

describe('the proxy of the environment', () => {
  it.each([
    [HTTP, { http_proxy: 'http://a:1' }, 'http://a:1'],
    [HTTPS, { http_proxy: 'http://a:1' }, 'http://a:1'],
    [HTTPS, { http_proxy: 'http://a:1', https_proxy: 'http://b:2' }, 'http://b:2'],
    [HTTP, { https_proxy: 'http://b:2' }, ''],
    // Of programs of the web; apt does not know it.
    [HTTP, { HTTP_PROXY: 'http://c:3' }, ''],
  ])('for %s with %j is %j', (url, environment, expected) => {
    expect(environmentProxy(url, environment)).toBe(expected);
  });

  it.each([
    ['example.org', true],
    ['other.org, archive.example.ORG', true],
    ['.example.org', true],
    ['example.com', false],
    ['', false],
    [' , ', false],
  ])('is passed by where no_proxy is %j: %j', (no_proxy, expected) => {
    expect(isWithoutProxy(HTTP, { no_proxy })).toBe(expected);
  });

  it('gets the login that its address has', () => {
    expect(environmentLogins({ http_proxy: 'http://me:pass%20word@proxy.example.org:3128/' })).toEqual([
      {
        ...{ protocol: 'http:', host: 'proxy.example.org', port: '3128', path: '' },
        ...{ user: 'me', password: 'pass word' },
      },
    ]);
    expect(environmentLogins({ http_proxy: 'proxy:3128', https_proxy: 'http://proxy' })).toEqual([]);
  });
});
