import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryTree, readInline } from '../../../tests/support/memory-package.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { lookup } from '../../formats/tree/index.ts';
import { LDAP_DIRECTORY, withDirectoryPassword } from './ldap-directory.ts';
import { stripSecrets } from './strip-secrets.ts';

const HASH = '{SSHA}MHkfDGwq87/bpXfNk1Udk9cx4IFmbwjl/and-what-a-longer-scheme-adds';
const LDIF = '/etc/ldap/slapd.d/cn=config/olcDatabase={1}mdb.ldif';
const PASSWORD = '/usr/lib/apt-layer/slapd-password';
const access = { read: readInline, put: () => 'digest' };

/** As slapd writes a long line. */
function ldifOf(hash: string): string {
  const line = `olcRootPW:: ${Buffer.from(hash).toString('base64')}`;
  return `dn: olcDatabase={1}mdb\n${line.slice(0, 78)}\n ${line.slice(78)}\nolcLastMod: TRUE\n`;
}

const answered = (flags: string) =>
  `Name: slapd/internal/adminpw\nValue: \nFlags: seen\n\nName: slapd/password1\nTemplate: slapd/password1\nValue: \nOwners: slapd\n${flags}\nName: slapd/password2\nFlags: seen\n\n`;

describe('the password of the administrator', () => {
  it('is kept for root where the packages were told one', () => {
    const tree = memoryTree({
      [LDIF]: ldifOf(HASH),
      '/var/cache/debconf/passwords.dat': answered('Flags: seen\n'),
    });
    const node = lookup(withDirectoryPassword(tree, access), fromText(PASSWORD));
    if (node?.kind !== 'file') throw new Error('no file');
    expect(node.mode).toBe(0o600);
    expect(node.size).toBe(HASH.length);
  });

  it.each([
    ['one that was made up', { [LDIF]: ldifOf(HASH), '/var/cache/debconf/passwords.dat': answered('') }],
    ['none', { '/var/cache/debconf/passwords.dat': answered('Flags: seen\n') }],
  ])('is not kept where there is %s', (_, files) => {
    expect(lookup(withDirectoryPassword(memoryTree(files), access), fromText(PASSWORD))).toBeUndefined();
  });
});

it.each([
  ['false', undefined],
  ['true', 'file'],
])('a directory stays if the package was told not to make it: %s', (value, kind) => {
  const answers = `Name: slapd/move_old_database\nValue: true\n\nName: slapd/no_configuration\nTemplate: slapd/no_configuration\nValue: ${value}\nOwners: slapd\n\nName: x/y\nValue: true\n`;
  const tree = memoryTree({ [LDIF]: 'own', '/var/cache/debconf/config.dat': answers });
  expect(lookup(stripSecrets(tree, access), fromText(LDIF))?.kind).toBe(kind);
});

describe('on a machine', () => {
  /** Runs the command with programs that note what they are told, everything below a directory. */
  function make(password?: string) {
    const root = mkdtempSync(join(tmpdir(), 'ldap-'));
    const write = (path: string, text: string) => {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), text);
      chmodSync(join(root, path), 0o755);
    };
    write(
      'config.dat',
      'Name: shared/organization\nValue: An Org\n\nName: slapd/domain\nValue: .ldap.example.org\n\n',
    );
    write('bin/slapadd', `#!/bin/sh\n{ echo "$*"; cat; } >>${root}/said\n: >"$2/made"\n`);
    for (const name of ['slapcat', 'chown']) write(`bin/${name}`, '#!/bin/sh\n');
    write('bin/slappasswd', `#!/bin/sh\necho random\n`);
    write('init.ldif', 'olcSuffix: @SUFFIX@\nolcRootPW: @PASSWORD@\n');
    if (password !== undefined) write('password', password);
    mkdirSync(join(root, 'ldap'));
    const command = LDAP_DIRECTORY.command
      .replaceAll('/etc/ldap/', `${root}/ldap/`)
      .replaceAll('/var/lib/ldap', `${root}/var`)
      .replaceAll('/var/cache/debconf', root)
      .replaceAll('/usr/share/slapd/slapd.init.ldif', `${root}/init.ldif`)
      .replaceAll(PASSWORD, `${root}/password`);
    const env = { PATH: `${root}/bin:${process.env['PATH']}` };
    execFileSync('sh', ['-c', `( ${command} )`], { env });
    const said = readFileSync(join(root, 'said'), 'utf8').replaceAll(root, '');
    const left = readdirSync(join(root, 'ldap'));
    rmSync(root, { recursive: true });
    return { said, left };
  }

  it('it is made from the answers, whole, with the password that was kept', () => {
    const { said, left } = make(HASH);
    expect(left).toEqual(['slapd.d']);
    expect(said).toBe(
      [
        '-F /ldap/slapd.d.new -b cn=config',
        'olcSuffix: dc=ldap,dc=example,dc=org',
        `olcRootPW: ${HASH}`,
        '-F /ldap/slapd.d.new -b dc=ldap,dc=example,dc=org',
        'dn: dc=ldap,dc=example,dc=org',
        'objectClass: top',
        'objectClass: dcObject',
        'objectClass: organization',
        'o: An Org',
        'dc: ldap',
        '',
      ].join('\n'),
    );
  });

  it('it gets a password that nobody knows where none was kept', () => {
    expect(make().said).toContain('olcRootPW: random\n');
  });
});
