import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyAptFailure } from './failure.ts';

const FIXTURES = path.join(import.meta.dirname, '../../tests/fixtures/apt');
const captured = (name: string) => fs.readFileSync(path.join(FIXTURES, `${name}.txt`), 'utf8');
const stderrOf = (text: string) => text.slice(text.indexOf('--- stderr'));

/** Name of the captured output, code, what the message says, what the hint says. */
const CASES: readonly (readonly [string, string, RegExp, RegExp])[] = [
  ['unknown-package', 'RESOLVE_FAILED', /no-such-thing and other-missing/, /repositories/],
  ['no-candidate', 'RESOLVE_FAILED', /ghost and missing-lib/, /spelling/],
  ['no-version', 'RESOLVE_FAILED', /a has no version 9\.9/, /spelling/],
  ['no-release', 'RESOLVE_FAILED', /a has no version in the release nowhere/, /spelling/],
  ['virtual', 'RESOLVE_FAILED', /virt/, /prov2 and prov1/],
  ['unmet', 'RESOLVE_FAILED', /wants-b2 : Depends: b \(>= 2\)[\s\S]*missing-lib/, /in no source/],
  ['unmet-deep', 'RESOLVE_FAILED', /wants-b2/, /leave|in no source/],
  ['conflict', 'RESOLVE_FAILED', /needs-a/, /leave|source/],
  ['pinned', 'RESOLVE_FAILED', /no source offers a version of b/, /spelling/],
  ['suite-missing', 'RESOLVE_FAILED', /http:\/\/127\.0\.0\.1:8080\/good has no suite trixy/, /`trixie`/],
  ['dns', 'NETWORK', /^mirror\.invalid could not be reached: Could not resolve/, /name server/],
  ['refused', 'NETWORK', /127\.0\.0\.1:9 could not be reached.*refused/, /network/],
  ['timeout', 'NETWORK', /127\.0\.0\.1:8080 could not be reached: Connection failed/, /network/],
  ['unauthorized', 'NETWORK', /401 Unauthorized/, /auth\.conf/],
  ['forbidden', 'NETWORK', /403 Forbidden/, /auth\.conf/],
  ['server-error', 'NETWORK', /500 Internal Server Error/, /network/],
  ['deb-missing', 'NETWORK', /a_1\.0_all\.deb/, /--refresh/],
  ['unsigned', 'SIGNATURE', /unsigned test Release is not signed/, /sign it/],
  ['no-pubkey', 'SIGNATURE', /NO_PUBKEY|Missing key/, /lacks the key/],
  ['bad-signature', 'SIGNATURE', /BADSIG|manipulated/, /another one/],
  ['release-expired', 'SIGNATURE', /is expired/, /clock/],
  ['release-future', 'SIGNATURE', /not valid yet/, /clock/],
  ['weak-hash', 'SIGNATURE', /weak security/, /no longer safe/],
  ['keyring-missing', 'SIGNATURE', /NO_PUBKEY|Failed to parse keyring/, /key/],
  ['bad-index', 'INTEGRITY', /Packages is not what.*Hash Sum mismatch/, /another mirror/],
  ['bad-index-size', 'INTEGRITY', /unexpected size/, /another mirror/],
  ['bad-deb', 'INTEGRITY', /a_1\.0_all\.deb.*Hash Sum mismatch/, /another mirror/],
  ['no-space', 'NO_SPACE', /in \/var\/cache\/apt\/archives\//, /free some space/],
  ['no-space-lists', 'NO_SPACE', /no space left/, /free some space/],
  ['malformed', 'CONFIG_INVALID', /Malformed entry 1/, /correct/],
  ['conflicting-signed-by', 'CONFIG_INVALID', /Conflicting values/, /correct/],
];

describe.each(['2.6', '3.0'])('apt %s', version => {
  it.each(CASES)('%s is %s', (name, code, message, hint) => {
    const error = classifyAptFailure(captured(`${version}/${name}`));
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(classifyAptFailure(stderrOf(captured(`${version}/${name}`))).code).toBe(code);
  });
});

describe('apt of one version only', () => {
  it.each([
    ['2.6/expired-key', 'SIGNATURE', /EXPKEYSIG/, /has expired/],
    ['3.0/held', 'RESOLVE_FAILED', /enemy : Conflicts: a/, /exclude each other/],
    [
      '3.0/dpkg-postinst',
      'DPKG_FAILED',
      /postinst script of badpost failed with exit code 1:\n {2}cannot reach the moon$/,
      /badpost/,
    ],
    [
      '3.0/dpkg-overwrite',
      'DPKG_FAILED',
      /could not unpack thief: trying to overwrite '\/usr\/share\/c\/f'/,
      /leave one/,
    ],
    ['mmdebstrap/suite-missing', 'RESOLVE_FAILED', /no suite trixy/, /trixie/],
    ['mmdebstrap/wrong-keyring', 'SIGNATURE', /NO_PUBKEY/, /lacks the key/],
    ['mmdebstrap/unsigned', 'SIGNATURE', /is not signed/, /sign it/],
    ['mmdebstrap/refused', 'NETWORK', /127\.0\.0\.1:9/, /network/],
    ['mmdebstrap/no-essential', 'RESOLVE_FAILED', /no package is called apt/, /spelling/],
    ['mmdebstrap/unknown-include', 'RESOLVE_FAILED', /apt and no-such-thing/, /spelling/],
  ])('%s is %s', (name, code, message, hint) => {
    const error = classifyAptFailure(captured(name), { suite: 'trixy' });
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });
});

it('names package, script and reason for programs', () => {
  expect(classifyAptFailure(captured('3.0/dpkg-postinst')).details).toMatchObject({
    package: 'badpost',
    script: 'postinst',
  });
});

it('shows no password, no terminal control', () => {
  const error = classifyAptFailure(
    'E: Failed to fetch https://user:hunter2@mirror.example/dists/x/InRelease  \x1b[31mCould not resolve\x1b[0m\n',
  );
  expect(error.message).toBe(
    'mirror.example could not be reached: Could not resolve\n  https://mirror.example/dists/x/InRelease',
  );
  expect(JSON.stringify([error.message, error.details, error.hint])).not.toMatch(/hunter2|\x1b/);
});

it('quotes apt when it says something new', () => {
  expect(classifyAptFailure('E: The moon is full\n')).toMatchObject({
    code: 'COMMAND_FAILED',
    message: 'apt failed:\n  The moon is full',
  });
  expect(classifyAptFailure('').code).toBe('COMMAND_FAILED');
});

it('takes any text', () => {
  const words = fc.constantFrom(
    'E: ',
    'Failed to fetch ',
    'dpkg: error processing package ',
    '\n',
    ' (--x):',
    "'",
    'Package ',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 30 }), parts => {
      expect(classifyAptFailure(parts.join('')).exitCode).toBeGreaterThan(0);
    }),
  );
});
