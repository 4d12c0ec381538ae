import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../../errors/index.ts';
import { parseSpec } from './index.ts';

/** The mistakes below are all in the last line. */
function message(line: string): string {
  try {
    parseSpec(`base-image: apt://trixie\n${line}\n`, 's.yaml');
  } catch (error) {
    if (error instanceof AptLayerError) return `${error.message} | ${error.hint ?? ''}`;
    throw error;
  }
  throw new Error('the spec is valid');
}

const NAME_HINT = 'names have lower-case letters, digits and + - . and at least two characters';
const HASH = '0'.repeat(64);

const PIN_HINT = 'write one like `release a=trixie-backports`, `version 5.*` or `origin mirror.example.org`';
const ARGUMENT_HINT = 'list each by itself, and put double quotes around a value with spaces';

describe('layers', () => {
  it.each<[string, number, string]>([
    ['layers: [5]', 10, 'layers.0: this must be text or a map of keys, not the number 5 | quote it: "5"'],
    ['layers: [[a1]]', 10, 'layers.0: this must be text or a map of keys, not a list | '],
    [
      'layers: [null]',
      10,
      'layers.0: this must be text or a map of keys, not nothing | remove the key, or give it a value',
    ],
    ['layers: [{}]', 10, 'layers.0.package: this key is missing | '],
    ['layers: [{pakage: a1}]', 11, 'layers.0.pakage: there is no such key | did you mean `package`?'],
    ['layers: [b1, {package: A}]', 24, `layers.1.package: "A" is not a package name | ${NAME_HINT}`],
    [
      'layers: [{package: a1, metadata: {x: 1}}]',
      35,
      'layers.0.metadata.x: there is no such key | the keys here are preserve-permissions, conflict-resolution',
    ],
    [
      'layers: [{package: a1, metadata: {conflict-resolution: keep}}]',
      56,
      'layers.0.metadata.conflict-resolution: "keep" is not one of keep-latest, keep-base, fail | ',
    ],
    [
      'layers: [{package: a1, maintainer-scripts: strct}]',
      44,
      'layers.0.maintainer-scripts: "strct" is not one of strict, warn, skip | did you mean `strict`?',
    ],
    [
      'layers: [{package: a1, maintainer-scripts: {}}]',
      44,
      'layers.0.maintainer-scripts: a map is not one of strict, warn, skip | ',
    ],
    [
      `layers: [{package: "https://h/a.deb#sha256=${HASH}"}]`,
      20,
      'layers.0.package: policies are for packages with a name and for files | name the package itself',
    ],
    ['layers: [{package: a1}, a1=2]', 25, 'layers.1: a1 is in the list already, as entry 1 | '],
    [
      'layers: ["https://h/a.deb"]',
      10,
      'layers.0: "https://h/a.deb" does not say what it must be | add #sha256= and the SHA-256 of the file after the address',
    ],
    [
      `layers: ["https://h/a#sha256=${HASH}"]`,
      10,
      'layers.0: "https://h/a" is not the address of a package file | it ends with .deb',
    ],
    [
      `layers: ["https://u:p@h/a.deb#sha256=${HASH}"]`,
      10,
      'layers.0: an address must not hold a user name or password | put them into apt_auth.conf(5) of the building machine',
    ],
  ])('%s', (line, column, said) => {
    expect(message(line)).toBe(`s.yaml:${1 + line.split('\n').length}:${column}: ${said}`);
  });
});

describe('overrides', () => {
  it.each<[string, number, string]>([
    ['overrides: [a1]', 13, 'overrides.0: this must be a map of keys, not the text "a1" | '],
    ['overrides: [{version: "1"}]', 13, 'overrides.0.package: this key is missing | '],
    [
      'overrides: [{package: a1}]',
      13,
      'overrides.0: it does not say what becomes of the package | give exactly one of with, remove, version, suite',
    ],
    [
      'overrides: [{package: a1, suite: s, version: "1"}]',
      13,
      'overrides.0: version and suite exclude each other | give exactly one of with, remove, version, suite',
    ],
    ['overrides: [{package: a1, remove: false}]', 35, 'overrides.0.remove: this must be true, not false | '],
    [
      'overrides: [{package: "a1:X", remove: true}]',
      23,
      'overrides.0.package: "X" is not an architecture | write one like amd64 or i386',
    ],
    [
      'overrides: [{package: a1, with: []}]',
      33,
      'overrides.0.with: the list is empty | remove the key, or list something',
    ],
    [
      'overrides: [{package: a1, with: 5}]',
      33,
      'overrides.0.with: this must be text or a list, not the number 5 | quote it: "5"',
    ],
    [
      'overrides: [{package: a1, with: x}]',
      33,
      'overrides.0.with: "x" is not a package file | the name of a package file ends with .deb',
    ],
    [
      'overrides: [{package: a1, with: [./b.deb, x]}]',
      43,
      'overrides.0.with.1: "x" is not a package file | the name of a package file ends with .deb',
    ],
    [
      'overrides: [{package: a1, with: [b.deb, b.deb]}]',
      41,
      'overrides.0.with.1: b.deb is in the list already, as entry 1 | ',
    ],
    [
      'overrides: [{package: a1, version: "1*"}]',
      36,
      'overrides.0.version: "1*" is not a package version: patterns are not allowed | `apt-cache policy NAME` shows the versions there are',
    ],
    [
      'overrides: [{package: a1, suite: ../x}]',
      34,
      'overrides.0.suite: "../x" is not a suite | write one like trixie or trixie-backports',
    ],
    [
      'overrides: [{package: a1, remove: true}, {package: a1, suite: x}]',
      42,
      'overrides.1: a1 is in the list already, as entry 1 | ',
    ],
    [
      'layers: [a1=1]\noverrides: [{package: a1, remove: true}]',
      13,
      'overrides.0: a1 is under `layers`, so it cannot go | ',
    ],
    [
      'remove: [a1]\noverrides: [{package: a1, suite: x}]',
      13,
      'overrides.0: a1 is under `remove` as well | ',
    ],
    ['remove: [a1]\nholds: [a1]', 9, 'holds.0: a1 is under `remove` as well | '],
  ])('%s', (line, column, said) => {
    expect(message(line)).toBe(`s.yaml:${1 + line.split('\n').length}:${column}: ${said}`);
  });
});

describe('multi-arch, metadata, maintainer-scripts', () => {
  it.each<[string, number, string]>([
    ['multi-arch: [i386]', 13, 'multi-arch: this must be a map of keys, not a list | '],
    [
      'multi-arch: {enabled: i386}',
      23,
      'multi-arch.enabled: this must be true or false, not the text "i386" | ',
    ],
    [
      'multi-arch: {architectures: [I386]}',
      30,
      'multi-arch.architectures.0: "I386" is not an architecture | write one like amd64 or i386',
    ],
    [
      'multi-arch: {packages: [5]}',
      25,
      'multi-arch.packages.0: this must be text or a map of keys, not the number 5 | quote it: "5"',
    ],
    [
      'multi-arch: {packages: [{package: a1}]}',
      25,
      'multi-arch.packages.0.type: this key is missing | it is one of same, foreign, allowed',
    ],
    [
      'multi-arch: {packages: [{package: a1, type: forein}]}',
      45,
      'multi-arch.packages.0.type: "forein" is not one of same, foreign, allowed | did you mean `foreign`?',
    ],
    [
      'multi-arch: {packages: [{package: "a1:i386", type: same}]}',
      35,
      `multi-arch.packages.0.package: "a1:i386" is not a package name | ${NAME_HINT}`,
    ],
    [
      'multi-arch: {packages: ["a1:i386", {package: a1, architecture: i386, type: same}]}',
      36,
      'multi-arch.packages.1: a1:i386 is in the list already, as entry 1 | ',
    ],
    [
      'metadata: {preserve-permissions: x}',
      34,
      'metadata.preserve-permissions: this must be true or false, not the text "x" | ',
    ],
    [
      'metadata: {conflict_resolution: fail}',
      12,
      'metadata.conflict_resolution: there is no such key | did you mean `conflict-resolution`?',
    ],
    [
      'maintainer-scripts: warn',
      21,
      'maintainer-scripts: this must be a map of keys, not the text "warn" | ',
    ],
    [
      'maintainer-scripts: {validation-mode: 1}',
      39,
      'maintainer-scripts.validation-mode: the number 1 is not one of strict, warn, skip | ',
    ],
    [
      'maintainer-scripts: {forbidden-actions: [a b]}',
      42,
      'maintainer-scripts.forbidden-actions.0: "a b" is no action | write a command such as systemctl, a kind such as network, or a path such as /proc',
    ],
    [
      'maintainer-scripts: {forbidden-actions: [a/]}',
      42,
      'maintainer-scripts.forbidden-actions.0: "a/" is no action | write a command such as systemctl, a kind such as network, or a path such as /proc',
    ],
  ])('%s', (line, column, said) => {
    expect(message(line)).toBe(`s.yaml:${1 + line.split('\n').length}:${column}: ${said}`);
  });
});

describe('pins, holds, snapshot', () => {
  it.each<[string, number, string]>([
    ['pins: [{pin: release x, priority: 1}]', 8, 'pins.0.packages: this key is missing | '],
    ['pins: [{packages: [a1], priority: 1}]', 8, 'pins.0.pin: this key is missing | '],
    ['pins: [{packages: [a1], pin: release x}]', 8, 'pins.0.priority: this key is missing | '],
    [
      'pins: [{packages: [], pin: release x, priority: 1}]',
      19,
      'pins.0.packages: the list is empty | remove the key, or list something',
    ],
    [
      'pins: [{packages: [A], pin: release x, priority: 1}]',
      20,
      'pins.0.packages.0: "A" is neither a package nor a pattern | write one like linux-*',
    ],
    [
      'pins: [{packages: [a1], pin: "release x\\nPackage: *", priority: 1}]',
      30,
      `pins.0.pin: "release x\\nPackage: *" is not a pin | ${PIN_HINT}`,
    ],
    [
      'pins: [{packages: [a1], pin: "version \\0", priority: 1}]',
      30,
      `pins.0.pin: "version \\u0000" is not a pin | ${PIN_HINT}`,
    ],
    ['pins: [{packages: [a1], pin: sid, priority: 1}]', 30, `pins.0.pin: "sid" is not a pin | ${PIN_HINT}`],
    [
      'pins: [{packages: [a1], pin: release x, priority: 32768}]',
      51,
      'pins.0.priority: the number 32768 is too large | write 32767 or less',
    ],
    [
      'pins: [{packages: [a1], pin: release x, priority: -32768}]',
      51,
      'pins.0.priority: the number -32768 is too small | write -32767 or more',
    ],
    [
      'pins: [{packages: [a1], pin: release x, priority: high}]',
      51,
      'pins.0.priority: this must be a number, not the text "high" | ',
    ],
    [
      'pins: [{packages: [a1], pin: release x, priority: 1, explanation: "a\\nb"}]',
      67,
      'pins.0.explanation: this must be one line | ',
    ],
    ['holds: [A]', 9, `holds.0: "A" is not a package name | ${NAME_HINT}`],
    ['holds: ["a1:"]', 9, 'holds.0: "" is not an architecture | write one like amd64 or i386'],
    ['holds: [a1, a1]', 13, 'holds.1: a1 is in the list already, as entry 1 | '],
    ['snapshot: 20250128', 11, 'snapshot: this must be text, not the number 20250128 | quote it: "20250128"'],
    ['snapshot: "20250231"', 11, 'snapshot: "20250231" is not a time | write one like 20250128T143022Z'],
    [
      'snapshot: 20250128T250000Z',
      11,
      'snapshot: "20250128T250000Z" is not a time | write one like 20250128T143022Z',
    ],
  ])('%s', (line, column, said) => {
    expect(message(line)).toBe(`s.yaml:${1 + line.split('\n').length}:${column}: ${said}`);
  });
});

describe('kernel-arguments, initramfs', () => {
  it.each<[string, number, string]>([
    [
      'kernel-arguments: quiet',
      19,
      'kernel-arguments: this must be a list, not the text "quiet" | put each entry on a line of its own after "- "',
    ],
    [
      'kernel-arguments: [quiet splash]',
      20,
      `kernel-arguments.0: "quiet splash" is not one kernel argument | ${ARGUMENT_HINT}`,
    ],
    [
      "kernel-arguments: ['a=\"b']",
      20,
      `kernel-arguments.0: "a=\\"b" is not one kernel argument | ${ARGUMENT_HINT}`,
    ],
    ['kernel-arguments: [""]', 20, `kernel-arguments.0: "" is not one kernel argument | ${ARGUMENT_HINT}`],
    [
      'kernel-arguments: [quiet, quiet]',
      27,
      'kernel-arguments.1: quiet is in the list already, as entry 1 | ',
    ],
    ...['--', 'composefs=x', 'composefs.digest=sha256:0', 'aptlayer.deployment=x', '"aptlayer.verity=0"'].map(
      (text): [string, number, string] => [
        `kernel-arguments: ['${text}']`,
        20,
        `kernel-arguments.0: ${JSON.stringify(text)} is for apt-layer to say, which tells the kernel what it boots | leave it out; \`security\` says whether a boot needs fs-verity`,
      ],
    ),
    ['initramfs: {modules: [../x]}', 23, 'initramfs.modules.0: "../x" is not the name of a kernel module | '],
    [
      'initramfs: {compression: zst}',
      26,
      'initramfs.compression: "zst" is not one of zstd, xz, gzip, lz4 | did you mean `zstd`?',
    ],
  ])('%s', (line, column, said) => {
    expect(message(line)).toBe(`s.yaml:${1 + line.split('\n').length}:${column}: ${said}`);
  });
});

describe('users, groups', () => {
  it.each<[string, number, string]>([
    ['users: [u]', 9, 'users.0: this must be a map of keys, not the text "u" | '],
    ['users: [{uid: 5}]', 9, 'users.0.name: this key is missing | '],
    ['users: [{name: a b}]', 16, 'users.0.name: "a b" cannot name an account | '],
    ['users: [{name: "5"}]', 16, 'users.0.name: "5" cannot name an account | '],
    ['users: [{name: a, uid: x}]', 24, 'users.0.uid: this must be a number, not the text "x" | '],
    ['users: [{name: a, uid: 1.5}]', 24, 'users.0.uid: this must be a whole number, not the number 1.5 | '],
    ['users: [{name: a, uid: -1}]', 24, 'users.0.uid: the number -1 is too small | write 0 or more'],
    [
      'users: [{name: a, uid: 4294967295}]',
      24,
      'users.0.uid: the number 4294967295 is too large | write 4294967294 or less',
    ],
    ['users: [{name: a, group: -g}]', 26, 'users.0.group: "-g" cannot name an account | '],
    ['users: [{name: a, groups: [b, b]}]', 31, 'users.0.groups.1: b is in the list already, as entry 1 | '],
    ['users: [{name: a, home: a}]', 25, 'users.0.home: "a" is not absolute | write /a'],
    ['users: [{name: a, shell: bash}]', 26, 'users.0.shell: "bash" is not absolute | write /bash'],
    [
      'users: [{name: a, description: "a:b"}]',
      32,
      'users.0.description: this must not have a colon in it | ',
    ],
    ['users: [{name: a, description: "a\\0"}]', 32, 'users.0.description: this must be one line | '],
    ['users: [{name: a, system: 1}]', 27, 'users.0.system: this must be true or false, not the number 1 | '],
    ['users: [{name: a}, {name: a}]', 20, 'users.1: a is in the list already, as entry 1 | '],
    ['groups: [{name: g, uid: 5}]', 20, 'groups.0.uid: there is no such key | did you mean `gid`?'],
    ['groups: [{name: 5}]', 17, 'groups.0.name: this must be text, not the number 5 | quote it: "5"'],
  ])('%s', (line, column, said) => {
    expect(message(line)).toBe(`s.yaml:${1 + line.split('\n').length}:${column}: ${said}`);
  });
});

describe('debconf', () => {
  it.each<[string, number, string]>([
    ['debconf: {a: b}', 10, 'debconf: this must be a list, not a map | '],
    ['debconf: [5]', 11, 'debconf.0: this must be text or a map of keys, not the number 5 | quote it: "5"'],
    ['debconf: [a b]', 11, 'debconf.0: "a b" is not an answer | write PACKAGE QUESTION TYPE VALUE'],
    [
      'debconf: ["a b c d\\ne f g h"]',
      11,
      'debconf.0: "a b c d\\ne f g h" is not an answer | write PACKAGE QUESTION TYPE VALUE',
    ],
    [
      'debconf: ["#a b c d"]',
      11,
      'debconf.0: "#a b c d" is not an answer | write PACKAGE QUESTION TYPE VALUE',
    ],
    ['debconf: [{package: a, question: b, type: c}]', 11, 'debconf.0.value: this key is missing | '],
    [
      'debconf: [{package: a, question: b c, type: d, value: e}]',
      34,
      'debconf.0.question: this must be one word of ASCII characters | ',
    ],
    [
      'debconf: [{package: "#a", question: b, type: c, value: d}]',
      21,
      'debconf.0.package: this must not begin with # | ',
    ],
    [
      'debconf: [{package: a, question: b, type: c, value: true}]',
      53,
      'debconf.0.value: this must be text, not true | quote it: "true"',
    ],
    [
      'debconf: [{package: a, question: b, type: c, value: "d\\ne"}]',
      53,
      'debconf.0.value: this must be one line | ',
    ],
    [
      'debconf: [a b c d, {package: a, question: b, type: c, value: d}]',
      20,
      'debconf.1: a b is in the list already, as entry 1 | ',
    ],
  ])('%s', (line, column, said) => {
    expect(message(line)).toBe(`s.yaml:${1 + line.split('\n').length}:${column}: ${said}`);
  });
});

describe('scripts', () => {
  it.each<[string, number, string]>([
    ['scripts: [{name: a}]', 11, 'scripts.0: it does not say what to run | give exactly one of run, source'],
    [
      'scripts: [{name: a, run: x, source: y}]',
      11,
      'scripts.0: run and source exclude each other | give exactly one of run, source',
    ],
    ['scripts: [{name: a, run: " "}]', 26, 'scripts.0.run: the script is empty | '],
    [
      'scripts: [{name: A, run: x}]',
      18,
      'scripts.0.name: "A" cannot name a script | use lower-case letters, digits and . _ - (100 at most), starting with a letter or digit',
    ],
    ['scripts: [{name: a, source: ""}]', 29, 'scripts.0.source: a path cannot be empty | '],
    [
      'scripts: [{name: a, run: x, inputs: [b/x, c/x/]}]',
      37,
      'scripts.0.inputs: two inputs have one name | put them into one directory',
    ],
    [
      'scripts: [{name: a, run: x}, {name: a, run: y}]',
      30,
      'scripts.1: a is in the list already, as entry 1 | ',
    ],
  ])('%s', (line, column, said) => {
    expect(message(line)).toBe(`s.yaml:${1 + line.split('\n').length}:${column}: ${said}`);
  });
});

describe('labels, include', () => {
  it.each<[string, number, string]>([
    ['labels: [a]', 9, 'labels: this must be a map of keys, not a list | '],
    ['labels: {a: 1}', 13, 'labels.a: this must be text, not the number 1 | quote it: "1"'],
    [
      'labels: {a b: c}',
      10,
      'labels.a b: "a b" cannot be the key of a label | write one like org.example.team',
    ],
    [
      'labels: {__proto__: c}',
      10,
      'labels.__proto__: "__proto__" cannot be the key of a label | write one like org.example.team',
    ],
    ['include: [a.yaml]', 10, 'include: only a file can include others | put it into a file'],
  ])('%s', (line, column, said) => {
    expect(message(line)).toBe(`s.yaml:${1 + line.split('\n').length}:${column}: ${said}`);
  });
});

it('takes no longer for text that almost fits', () => {
  const near = `${'a'.repeat(254)}!`;
  for (const line of [
    `maintainer-scripts: {forbidden-actions: ["${near}"]}`,
    `pins: [{packages: ["${near}"], pin: "version ${near} ", priority: 1}]`,
    `debconf: ["${near} ${near}"]`,
    `kernel-arguments: ['${'"'.repeat(255)}']`,
  ])
    expect(message(line)).toMatch(/is no action|is not a pin|is not an answer|is not one kernel argument/);
});
