import { expect, it } from 'vitest';
import { standsAlone } from './index.ts';

const script = (body: string, interpreter = '/bin/sh') => Buffer.from(`#!${interpreter}\nset -e\n${body}\n`);

it.each([
  'mkdir -p /var/lib/x; touch /var/lib/x/y',
  'update-alternatives --auto /usr/bin/python3 >/dev/null 2>&1 || true',
  '[ -L /a ] || rm -rf /a',
  'case "$1" in\n upgrade)\n for hook in /a/*; do $hook; done\n ;;\nesac',
  'if [ "$1" = install ]; then dpkg-divert --add --rename /x; fi',
])('uses only what is always there: %s', body => {
  expect(standsAlone(script(body))).toBe(true);
});

it.each([
  'adduser --system x',
  '. /usr/share/debconf/confmodule',
  '/usr/bin/tool',
  '$TOOL',
  'x=$(tool)',
  'PATH=/opt/x rm y',
  'case "$1" in\n install)\n tool\n ;;\nesac',
  'case "$1" in\n install|upgrade)\n tool\n ;;\nesac',
  'for x in a b; do rm $x; done',
  'rm() { tool; }\nrm x',
  'echo x | tool',
  'if tool; then :; fi',
])('may use something else: %s', body => {
  expect(standsAlone(script(body))).toBe(false);
});

it('is not known of other interpreters and of what cannot be parsed', () => {
  expect(standsAlone(script('mkdir x', '/usr/bin/perl'))).toBe(false);
  expect(standsAlone(script('if [ x'))).toBe(false);
});
