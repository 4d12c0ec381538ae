import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpreterOf, isNoOpOnInstall, isShellScript } from './index.ts';

const isNoOp = (body: string) => isNoOpOnInstall(Buffer.from(`#!/bin/sh\nset -e\n${body}\n`));

describe('a preinst that does nothing on a fresh installation', () => {
  it.each([
    ['', 'an empty script'],
    ['# rm -rf /\n:', 'a comment'],
    ['dpkg-maintscript-helper rm_conffile /etc/x 1.0\\~ pkg -- "$@"', 'a helper'],
    ['if [ "$1" = "upgrade" ] && dpkg --compare-versions "$2" lt 3; then rm /x; fi', 'an upgrade branch'],
    [
      'if [ "$1" = install ] && [ -n "$2" ] && [ -e /x ] ; then\nrm /x >/dev/null || true\nfi',
      'an old version',
    ],
    ['if [ "$1" = install -a -n "$2" ]; then rm /x; fi', '-a'],
    ['if test -z "$2"; then exit 0; fi\nrm -rf /x', 'it ends before'],
    ['[ "$1" != upgrade ] || rm /x', '||'],
    ['[ -n "$\x7b2:-}" ] && rm /x', '&&'],
    ['! [ -z "$2" ] && rm /x', 'negation'],
    [
      'case "$1" in\nupgrade|abort-upgrade) rm /x ;;\ninstall) ;;\n*) echo no >&2; exit 1 ;;\nesac',
      'the arms of a case',
    ],
    ['case "$1" in (upgrade) rm /x;; esac', 'no arm at all'],
    [
      'f() {\n  rm /x\n  cat <<-END\n\t$(rm /y)\n\tEND\n}\nif [ "$1" = upgrade ]; then f; fi',
      'a function, not called',
    ],
    ['if dpkg-maintscript-helper supports rm_conffile 2>/dev/null; then :; fi', 'a question'],
    ['if dpkg --compare-versions "$2" lt-nl 1.0; then rm /x; fi', 'lt-nl'],
    ['if [ "$1" = upgrade ]; then x=$(sed "s/a/b/" /y); for i in $x; do rm $i; done; fi', 'a loop'],
    ['if [ "$1" = upgrade ]; then rm a; elif [ -f /x ]; then :; else true; fi\nexit 0', 'elif'],
  ])('%j (%s)', body => {
    expect(isNoOp(body)).toBe(true);
  });

  it.each([
    ['rm /x', 'a command'],
    ['if [ "$1" = install ]; then rm /x; fi', 'an install branch'],
    ['if [ -f /x ]; then rm /x; fi', 'a condition that is not known'],
    ['[ -f /x ] || rm /x', 'the same, shorter'],
    ['[ -f /x ]', 'failing, under set -e'],
    ['false', 'failing'],
    ['exit 1', 'failing'],
    ['case "$1" in i*) rm /x;; esac', 'a pattern'],
    ['case "$1" in *) rm /x;; install) ;; esac', 'the first arm that fits'],
    ['case "$foo" in bar) rm /x;; esac', 'a subject that is not known'],
    ['x=$(rm /y)', 'a command substitution'],
    ['x=`rm /y`', 'the same, older'],
    ['echo "$(rm /y)"', 'within quotes'],
    ['echo hello > /x', 'a redirection'],
    ['{ :; } > /x', 'of a group'],
    ['echo () { rm /x; }\necho', 'a name that is not what it was'],
    ['. /usr/share/debconf/confmodule', 'another script'],
    ['true | rm /x', 'a pipe'],
    ['(rm /x)', 'a subshell'],
    ['(exit 0); rm /x', 'a subshell that ends'],
    ['if dpkg --compare-versions "$2" lt 1.0; then rm /x; fi', 'nothing is before every version'],
    ['dpkg-maintscript-helper new_thing /etc/x -- "$@"', 'a helper that is not known'],
    ['dpkg --configure -a', 'dpkg'],
    ['set -- upgrade\n', 'other arguments'],
    ['shift; if [ "$1" = upgrade ]; then rm /x; fi', 'shifted arguments'],
    ['eval "rm /x"', 'eval'],
    ['"rm" /x', 'a quoted name'],
    ['r\\m /x', 'an escaped name'],
    ['$CMD /x', 'a name that is not known'],
    ['rm /x &', 'in the background'],
    ['if [ "$1" = upgrade ]; then :', 'no end'],
    ['x="unclosed', 'no closing quote'],
    ['cat <<END\nx\nEND', 'a here-document'],
    [': $\x7bx:?gone}', 'an expansion that fails'],
  ])('not: %j (%s)', body => {
    expect(isNoOp(body)).toBe(false);
  });

  it('only when a shell runs it', () => {
    expect(isNoOpOnInstall(Buffer.from('#!/usr/bin/perl\n:\n'))).toBe(false);
    expect(isNoOpOnInstall(Buffer.from('\x7fELF'))).toBe(false);
    expect(isNoOpOnInstall(Buffer.alloc(0))).toBe(false);
    expect(isShellScript(Buffer.from('#! /bin/bash -e\n'))).toBe(true);
    expect(interpreterOf(Buffer.from('#!/usr/bin/env python3\n'))).toBe('/usr/bin/env');
  });

  it('is decided for any text, soon', () => {
    const pieces = [
      'if ',
      'then ',
      'fi\n',
      'case ',
      ' in ',
      'esac',
      ';;',
      ')',
      '(',
      '$(',
      '`',
      '"',
      "'",
      '\\',
      '\n',
      '$1',
      '${',
      '}',
      '{ ',
      '<<E',
      '&&',
      '|',
      'a',
      '#',
      '! ',
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string())), parts => {
        expect(typeof isNoOp(parts.join(''))).toBe('boolean');
      }),
      { numRuns: 300 },
    );
    for (const piece of [
      '(',
      'if ',
      '! ',
      '{ ',
      'a() ',
      'true && ',
      'if a; then b; el',
      '$((',
      '"$(',
      'x -a ',
    ])
      expect(isNoOp(piece.repeat(60_000 / piece.length))).toBe(false);
    expect(isNoOp(`[ ${'a -a '.repeat(10_000)} a ]`)).toBe(false);
  });
});
