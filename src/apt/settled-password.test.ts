import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SETTLED_PASSWORD } from './settled-password.ts';

/** What slapd's postinst gets for a password, when debconf has these answers. */
function hashOf(password: string, answers: Readonly<Record<string, string>>, epoch = '1700000000'): string {
  const cases = Object.entries(answers).map(([name, value]) => `${name}) RET='${value}' ;;`);
  const script = `set -e
db_get() { case $1 in ${cases.join('\n')} *) RET= ;; esac; }
${SETTLED_PASSWORD}
hash=$(slappasswd -s "$1")
echo "$hash"`;
  const env = { PATH: process.env['PATH'], SOURCE_DATE_EPOCH: epoch };
  return execFileSync('sh', ['-c', script, 'sh', password], { env, encoding: 'utf8' }).trim();
}

const ANSWERS = { 'slapd/password1': 'a b$c', 'slapd/domain': 'example.org', 'shared/organization': 'Org' };

describe('a password that slapd was told', () => {
  it('becomes the same text each time, by the scheme of slappasswd', () => {
    const hash = hashOf('a b$c', ANSWERS);
    expect(hashOf('a b$c', ANSWERS)).toBe(hash);
    const bytes = Buffer.from(hash.replace('{SSHA}', ''), 'base64');
    const salt = bytes.subarray(20);
    expect(salt).toHaveLength(8);
    expect(bytes.subarray(0, 20)).toEqual(createHash('sha1').update('a b$c').update(salt).digest());
  });

  it.each([
    ['directory', { ...ANSWERS, 'slapd/domain': 'example.net' }, '1700000000'],
    ['time', ANSWERS, '1700000001'],
  ])('becomes another text in an image of another %s', (_, answers, epoch) => {
    expect(hashOf('a b$c', answers, epoch)).not.toBe(hashOf('a b$c', ANSWERS));
  });
});

it('leaves a password that was made up to slappasswd', () => {
  const script = `db_get() { RET=; }\n${SETTLED_PASSWORD}\nslappasswd -s made-up`;
  const env = { PATH: process.env['PATH'] };
  const run = () => execFileSync('sh', ['-c', `command() { echo "program $*"; }\n${script}`], { env });
  expect(run().toString()).toBe('program slappasswd -s made-up\n');
});
