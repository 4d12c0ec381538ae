import fc from 'fast-check';
import { PackageURL } from 'packageurl-js';
import { describe, expect, it } from 'vitest';
import { debUrl } from './index.ts';

const CURL = {
  vendor: 'Debian',
  name: 'curl',
  version: '8.14.1-2',
  architecture: 'amd64',
  distribution: 'debian-13',
};

describe('the URL of a package', () => {
  it.each([
    [{}, 'pkg:deb/debian/curl@8.14.1-2?arch=amd64&distro=debian-13'],
    [{ name: 'libstdc++6' }, 'pkg:deb/debian/libstdc%2B%2B6@8.14.1-2?arch=amd64&distro=debian-13'],
    [
      { name: 'vim', version: '2:9.1.1230-1~deb13u0+b1' },
      'pkg:deb/debian/vim@2:9.1.1230-1~deb13u0%2Bb1?arch=amd64&distro=debian-13',
    ],
    [{ architecture: 'source', distribution: '' }, 'pkg:deb/debian/curl@8.14.1-2?arch=source'],
    [{ vendor: '' }, 'pkg:deb/curl@8.14.1-2?arch=amd64&distro=debian-13'],
    [
      { vendor: 'A B/C?', version: '1@2#3' },
      'pkg:deb/a%20b%2Fc%3F/curl@1%402%233?arch=amd64&distro=debian-13',
    ],
  ])('%j is %s', (change, url) => {
    expect(debUrl({ ...CURL, ...change })).toBe(url);
  });

  it('is read back by the library of purl', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{1,20}$/);
    const version = fc.stringMatching(/^(?:[0-9]:)?[0-9][A-Za-z0-9.+~-]{0,20}$/);
    // It decodes qualifiers twice, so that it cannot read a percent sign in them.
    const odd = fc.string({ unit: 'grapheme', minLength: 1 }).filter(one => !/[/\s%]/.test(one));
    fc.assert(
      fc.property(
        fc.oneof(name, odd),
        fc.oneof(version, odd),
        fc.oneof(name, odd),
        (one, text, architecture) => {
          const url = debUrl({ ...CURL, name: one, version: text, architecture });
          expect(url).toMatch(/^[A-Za-z0-9.~_:/@?=&%-]+$/);
          expect(PackageURL.fromString(url)).toMatchObject({
            ...{ type: 'deb', namespace: 'debian', name: one.toLowerCase(), version: text },
            qualifiers: { arch: architecture, distro: 'debian-13' },
          });
        },
      ),
    );
  });

  it('is written for text that is none', () => {
    expect(debUrl({ ...CURL, version: '1\ud800' })).toContain('@1%EF%BF%BD?');
  });
});
