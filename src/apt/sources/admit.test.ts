import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../../errors/index.ts';
import { isLocalHost, parseAddress } from './addresses.ts';
import { admitSource, type NamedAddresses } from './admit.ts';
import { parseListFile } from './files.ts';

const ORIGIN = { file: '/etc/apt/sources.list', line: 7 };
const NOBODY: NamedAddresses = { uris: [], old: false };

function admit(line: string, named: NamedAddresses = NOBODY) {
  const found = parseListFile(line, error => {
    throw error;
  });
  const [first] = found;
  return first === undefined ? undefined : admitSource(first.source, ORIGIN, named);
}

function failure(line: string, named: NamedAddresses = NOBODY): { code: string; message: string } {
  try {
    admit(line, named);
  } catch (error) {
    if (error instanceof AptLayerError) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: 'admitted', message: '' };
}

describe('a source of an image', () => {
  it.each([
    'deb http://example.org/debian trixie main',
    'deb https://user:password@example.org:8443/debian trixie main',
    'deb [arch=amd64 by-hash=force lang=de pdiffs=no] http://example.org/debian trixie main',
    'deb [check-valid-until=yes allow-insecure=no snapshot=no] http://example.org/debian trixie main',
    'deb http://192.0.2.1.example.org/debian ./',
    'deb mirror+https://mirrors.example.org/list trixie main',
    'deb http://8.8.8.8/debian trixie main',
  ])('is taken: %s', line => {
    expect(failure(line)).toEqual({ code: 'admitted', message: '' });
  });

  it.each([
    ['trusted=yes', 'SIGNATURE'],
    ['trusted=no', 'SIGNATURE'],
    ['allow-insecure=yes', 'SIGNATURE'],
    ['allow-weak=1', 'SIGNATURE'],
    ['allow-downgrade-to-insecure=true', 'SIGNATURE'],
    ['check-valid-until=no', 'SIGNATURE'],
    ['check-date=no', 'SIGNATURE'],
    ['valid-until-min=99999999', 'SIGNATURE'],
    ['date-max-future=99999999', 'SIGNATURE'],
    ['include=hello', 'CONFIG_INVALID'],
    ['snapshot=20250101T000000Z', 'CONFIG_INVALID'],
    ['inrelease-path=../../x', 'CONFIG_INVALID'],
  ])('is refused by file, line and option: %s', (option, code) => {
    const found = failure(`deb [${option}] http://example.org/debian trixie main`);
    expect(found.code).toBe(code);
    expect(found.message).toMatch(/^\/etc\/apt\/sources\.list:7: /);
    expect(found.message).toContain(option.split('=')[0]);
  });

  it.each([
    ...[
      'ssh://example.org/debian',
      'rsh://example.org/debian',
      'cdrom:[Debian]/',
      'tor+http://example.org/debian',
    ],
    ...[
      's3://bucket/x',
      'ftp://example.org/debian',
      'file:/srv/repo',
      'copy:/srv/repo',
      'mirror+ssh://example.org/x',
    ],
    ...[
      'http://127.0.0.1/debian',
      'http://127.1/debian',
      'http://0x7f000001/debian',
      'http://2130706433/debian',
    ],
    ...[
      'http://[::1]:80/debian',
      'http://[::ffff:10.0.0.1]/debian',
      'http://169.254.169.254/latest',
      'http://10.1.2.3/d',
    ],
    ...[
      'http://192.168.1.1/d',
      'http://172.16.0.1/d',
      'http://localhost/d',
      'http://LOCALHOST:8080/d',
      'http://metadata/d',
    ],
    ...[
      'http://a.localhost/d',
      'http://localhost./d',
      'http://0/d',
      'http://[fe80::1]/d',
      'http://[fd00::1]/d',
    ],
    ...['http:///debian', 'http://example.org\\@127.0.0.1/debian', 'mirror+http://127.0.0.1/list'],
  ])('is refused: %s', uri => {
    const found = failure(`deb ${uri} trixie main`);
    expect(found.code).toBe('CONFIG_INVALID');
    expect(found.message).toMatch(/^\/etc\/apt\/sources\.list:7: /);
  });

  it('may be here or in a private network where the spec or the host names it', () => {
    const named = { uris: ['http://10.0.0.5:8080/debian', 'file:///srv/repo/'], old: false };
    expect(admit('deb http://10.0.0.5:8080/other trixie main', named)?.uris).toEqual([
      'http://10.0.0.5:8080/other',
    ]);
    expect(failure('deb http://10.0.0.5/debian trixie main', named).code).toBe('CONFIG_INVALID');
    expect(admit('deb file:/srv/repo trixie main', named)?.uris).toEqual(['copy:/srv/repo']);
    expect(failure('deb file:/srv trixie main', named).code).toBe('CONFIG_INVALID');
    expect(failure('deb file:/srv/repo/../../etc trixie main', named).code).toBe('CONFIG_INVALID');
  });

  it('may be old where the spec is', () => {
    const line = 'deb [check-valid-until=no] http://example.org/debian trixie main';
    expect(admit(line, { uris: [], old: true })?.options).toEqual({ 'check-valid-until': 'no' });
    expect(
      failure('deb [trusted=yes] http://example.org/debian trixie main', { uris: [], old: true }).code,
    ).toBe('SIGNATURE');
  });

  it('of source packages has no lists', () => {
    expect(admit('deb-src http://example.org/debian trixie main')).toBeUndefined();
  });

  it('never says the password', () => {
    expect(failure('deb ssh://me:secret@example.org/debian trixie main').message).not.toContain('secret');
    expect(failure('deb http://me:secret@127.0.0.1/debian trixie main').message).not.toContain('secret');
  });
});

it('any address gives a host or none', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      for (const uri of [text, `http://${text}`, `http://${text}/x`]) {
        const address = parseAddress(uri);
        if (address !== undefined) expect(address.host + address.path).not.toMatch(/[\s\\]/);
        isLocalHost(text);
      }
    }),
  );
});
