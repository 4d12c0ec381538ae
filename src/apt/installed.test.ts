import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../errors/index.ts';
import { parseInstalled } from './installed.ts';

const status = `Package: vim
Status: install ok installed
Architecture: amd64
Version: 2:9.1-1
Description: editor
 Version: 1

Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Version: 2.41-12

Package: libc6
Status: hold ok triggers-pending
Architecture: i386
Version: 2.41-12

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: never
Status: unknown ok not-installed
`;

describe('parseInstalled', () => {
  it('lists what is there, by name and architecture', () => {
    const installed = parseInstalled(Buffer.from(status));
    expect([...installed.keys()]).toStrictEqual(['vim:amd64', 'libc6:amd64', 'libc6:i386']);
    expect(installed.get('vim:amd64')).toStrictEqual({
      name: 'vim',
      architecture: 'amd64',
      version: '2:9.1-1',
    });
  });

  it('is empty for an empty file', () => {
    expect(parseInstalled(Buffer.alloc(0)).size).toBe(0);
  });

  const wrong = [
    ['no status', 'Package: a\nVersion: 1\nArchitecture: all\n'],
    ['no version', 'Package: a\nStatus: install ok installed\nArchitecture: all\n'],
    ['no fields', 'hello\n'],
  ] as const;
  it.each(wrong)('refuses a stanza with %s, with its line', (_, text) => {
    expect(() => parseInstalled(Buffer.from(text))).toThrow(/line 1/);
  });

  it('fails with FormatError only, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        try {
          parseInstalled(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });
});
