import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pasteable } from '../process/index.ts';
import { publicAddresses } from '../transaction/public-address.ts';
import { FLAGS, publicCommandLine } from '../transaction/public-command.ts';
import { commands } from './index.ts';

describe('the public form of a command line', () => {
  it.each([
    ['layer vim git', 'layer vim git'],
    ['ostree layer vim --now', 'ostree layer vim --now'],
    ['--sysroot /x --wait 300 confirm', '--sysroot /x --wait 300 confirm'],
    ['--wait layer vim', '--wait layer vim'],
    ['compose tree web.yaml --ref web', 'compose tree web.yaml --ref web'],
    ['kargs --append=a=b --append c=d --dry-run', 'kargs --append=*** --append *** --dry-run'],
    ['kargs hunter2', 'kargs ***'],
    ['run 0 -- mysql -phunter2', 'run *** -- ***'],
    ['layer --unknown hunter2 vim', 'layer --unknown *** vim'],
    ['layer --unknown=hunter2', 'layer --unknown=***'],
    ["layer 'https://me:hunter2@example.org/a b/x.deb'", 'layer https://example.org/x.deb'],
    ["layer './my tool.deb'", 'layer ./my tool.deb'],
    ['rebase oci://me:hunter2@example.org/x', 'rebase oci://example.org/x'],
    ['rebase local://ubuntu-base/24.04', 'rebase local://ubuntu-base/24.04'],
    ['', ''],
  ])('%s', (text, expected) => expect(publicCommandLine(text)).toBe(expected));

  it('never has the value of an option that is not known', () => {
    const secret = fc.stringMatching(/^[!-~ ]{4,20}$/).map(text => `secret${text}`);
    fc.assert(
      fc.property(secret, fc.constantFrom('--append', '--password', '-p'), (value, option) => {
        for (const args of [[option, value], [`${option}=${value}`], ['--', value]])
          expect(publicCommandLine(pasteable({ tool: 'kargs', args }))).not.toContain('secret');
      }),
    );
  });

  it('takes no option for a flag that has a value in some verb', () => {
    const valued = commands.flatMap(({ options = [] }) =>
      options.filter(one => one.value !== undefined).map(one => `--${one.name}`),
    );
    expect(valued.filter(name => FLAGS.has(name))).toEqual([]);
    expect(valued).toContain('--append');
  });
});

it.each([
  ['https://example.org', 'https://example.org'],
  ['https://example.org/', 'https://example.org/'],
  ['see https://a:b@c@example.org:8080/key/debian now', 'see https://example.org:8080/*** now'],
  [
    `https://example.org/key/x.deb?token=1#sha256=${'0'.repeat(64)}`,
    `https://example.org/x.deb#sha256=${'0'.repeat(64)}`,
  ],
  ['https://example.org/x.deb#sha256=hunter2', 'https://example.org/x.deb'],
  ['https://example.org?token=1', 'https://example.org'],
  ['https://example.org#token', 'https://example.org'],
  ['file:///srv/debian', 'file:///srv/debian'],
  ['mirror+https://me@example.org/key/list', 'mirror+https://example.org/***'],
])('addresses lose their keys: %s', (text, expected) => expect(publicAddresses(text)).toBe(expected));
