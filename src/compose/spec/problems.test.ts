import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../../errors/index.ts';
import { parseSpec } from './index.ts';

function message(text: string | Buffer): string {
  try {
    parseSpec(text, 's.yaml');
  } catch (error) {
    if (error instanceof AptLayerError) return `${error.message} | ${error.hint ?? ''}`;
    throw error;
  }
  throw new Error('the spec is valid');
}

const BASE = 'base-image: apt://trixie\n';
const REPOSITORY = 'name: r, uris: [http://x], suites: [s], components: [main], signed-by: k.gpg';

describe('the form of the file', () => {
  it.each([
    ['', 's.yaml:1:1: the file is empty | a spec has at least a line such as base-image: apt://trixie'],
    [
      '# only\n',
      's.yaml:1:1: the file is empty | a spec has at least a line such as base-image: apt://trixie',
    ],
    ['---\n', 's.yaml:1:4: the file is empty | a spec has at least a line such as base-image: apt://trixie'],
    [
      '- a\n',
      's.yaml:1:1: a spec is a map of keys | a spec has at least a line such as base-image: apt://trixie',
    ],
    [
      'vim',
      's.yaml:1:1: a spec is a map of keys | a spec has at least a line such as base-image: apt://trixie',
    ],
    [
      `${BASE}files:\n\t- path: /a\n`,
      's.yaml:3:1: not valid YAML: tabs are not allowed as indentation | indent with spaces',
    ],
    [
      `${BASE}---\n${BASE}`,
      's.yaml:2:1: there is a second document in the file | a spec is one document: remove the --- before this one',
    ],
    [
      `${BASE}${BASE}`,
      's.yaml:2:1: base-image: the key is here twice; the first is in line 1 | put everything under one of them',
    ],
    [
      `%YAML 1.1\n---\n${BASE}`,
      's.yaml:1:1: YAML 1.1 is asked for | remove the %YAML line: specs are YAML 1.2',
    ],
    [`${BASE}layers: [!x vim]\n`, 's.yaml:2:10: not valid YAML: unresolved tag: !x | '],
    [
      `${BASE}layers: [!!binary aGk=]\n`,
      's.yaml:2:19: layers.0: the tag tag:yaml.org,2002:binary means nothing in a spec | quote the value if it starts with !',
    ],
    [
      `${BASE}layers: [*x]\n`,
      's.yaml:2:10: layers.0: there is no anchor &x before this alias | quote the value if it starts with *',
    ],
    [`${BASE}? [a]\n: b\n`, 's.yaml:2:3: a key must be plain text | '],
    [
      `${BASE}name: "a\\ud800"\n`,
      's.yaml:2:7: name: the text has half of a surrogate pair in it | write the whole character',
    ],
    [
      `${BASE}name: a\x07\n`,
      's.yaml:2:8: there is a control character (0x07) | remove it, or write it as an escape such as "\\x1b" in double quotes',
    ],
    [
      Buffer.from(`${BASE}name: \xe9\xff`, 'latin1'),
      's.yaml:2:7: the file is not UTF-8 text | save it as UTF-8',
    ],
    [Buffer.from('\xff\xfeb\0', 'latin1'), 's.yaml:1:1: the file is not UTF-8 text | save it as UTF-8'],
    [
      Buffer.concat([Buffer.from('a: \ufffd\u00e9'), Buffer.of(0xc3)]),
      's.yaml:1:6: the file is not UTF-8 text | save it as UTF-8',
    ],
  ])('%j', (text, expected) => {
    expect(message(text)).toBe(expected);
  });

  it.each([
    ['base-image: "apt://trixie\n', /^s\.yaml:2:1: not valid YAML: missing closing "quote/],
    [`${BASE}layers: [a, b\nname: x\n`, /^s\.yaml:3:1: not valid YAML: flow sequence in block collection/],
    ['base-image: apt://a: b\n', /^s\.yaml:1:13: not valid YAML: nested mappings are not allowed/],
  ])('%j', (text, expected) => {
    expect(message(text)).toMatch(expected);
  });
});

describe('keys', () => {
  it.each([
    [
      'name: x\n',
      's.yaml:1:1: base-image: this key is missing | add a line such as base-image: apt://trixie',
    ],
    ['base-imag: apt://trixie\n', 's.yaml:1:1: base-imag: there is no such key | did you mean `base-image`?'],
    [`${BASE}layer: []\n`, 's.yaml:2:1: layer: there is no such key | did you mean `layers`?'],
    [`${BASE}Layers: []\n`, 's.yaml:2:1: Layers: there is no such key | did you mean `layers`?'],
    [
      `${BASE}kernel_arguments: []\n`,
      's.yaml:2:1: kernel_arguments: there is no such key | did you mean `kernel-arguments`?',
    ],
    [
      `${BASE}services: {enabled: []}\n`,
      's.yaml:2:12: services.enabled: there is no such key | did you mean `enable`?',
    ],
    [
      `${BASE}services: {xyz: []}\n`,
      's.yaml:2:12: services.xyz: there is no such key | the keys here are enable, disable, mask',
    ],
    [
      `${BASE}__proto__: []\n`,
      's.yaml:2:1: __proto__: there is no such key | the keys here are name, version, base-image, bootstrap, include, layers, files, services, repositories, remove, overrides, multi-arch, metadata, maintainer-scripts, pins, holds, recommends, snapshot, kernel-arguments, initramfs, users, groups, debconf, scripts, security, labels',
    ],
    [
      `${BASE}security: {verity: requires}\n`,
      's.yaml:2:20: security.verity: "requires" is not one of require, prefer | did you mean `require`?',
    ],
    [`${BASE}security: {vulnerabilities: {refuse: [awful]}}\n`, /security\.vulnerabilities\.refuse\.0/],
    [`${BASE}security: {vulnerabilities: {max-age: soon}}\n`, /max-age: "soon" is no time/],
    [
      `${BASE}security: {vulnerabilities: {except: [{cve: CVE-2027-1, reason: x, until: 2027-02-30}]}}\n`,
      /except\.0\.until: "2027-02-30" is no day/,
    ],
    [
      `${BASE}security: {vulnerabilities: {except: [{cve: CVE-2027-1, reason: x}]}}\n`,
      /security\.vulnerabilities\.except\.0.*until/,
    ],
    [`${BASE}security: {archives: {allow: [Debian]}}\n`, /allow\.0: "Debian" is no pattern for archives/],
    [`${BASE}security: {packages: {deny: ["a b"]}}\n`, /deny\.0: "a b" is no name of a package/],
    [`${BASE}security: {images: {require: any, keys: [a.pub]}}\n`, /security\.images\.require/],
    [`${BASE}security: {images: {require: signed}}\n`, /security\.images.*keys/],
    [`${BASE}security: {images: {require: signed, keys: []}}\n`, /security\.images\.keys/],
    [
      `${BASE}security: {images: {require: signed, keys: ["-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----"]}}\n`,
      /security\.images\.keys\.0: this is a private key/,
    ],
    [
      `${BASE}security: {images: {require: signed, keys: ["-----BEGIN CERTIFICATE-----"]}}\n`,
      /security\.images\.keys\.0: this is neither a path nor a public key/,
    ],
    [
      `${BASE}security: {sealed: true}\n`,
      's.yaml:2:12: security.sealed: there is no such key | the keys here are vulnerabilities, images, archives, packages, verity',
    ],
    [
      `${BASE}bootstrap: {securty-mirror: http://x}\n`,
      's.yaml:2:13: bootstrap.securty-mirror: there is no such key | did you mean `security-mirror`?',
    ],
    [
      `${BASE}files: [{path: /a, conten: x}]\n`,
      's.yaml:2:20: files.0.conten: there is no such key | did you mean `content`?',
    ],
    [
      `${BASE}repositories: [{${REPOSITORY}, trusted: yes}]\n`,
      /2:\d+: repositories\.0\.trusted: signatures are always verified/,
    ],
  ])('%j', (text, expected) => {
    if (typeof expected === 'string') expect(message(text)).toBe(expected);
    else expect(message(text)).toMatch(expected);
  });
});

describe('types and choices', () => {
  it.each([
    [
      `${BASE}version: 1.10\n`,
      's.yaml:2:10: version: this must be text, not the number 1.10 | quote it: "1.10"',
    ],
    [`${BASE}version: 2\n`, 's.yaml:2:10: version: this must be text, not the number 2 | quote it: "2"'],
    [
      `${BASE}layers: [2048]\n`,
      's.yaml:2:10: layers.0: this must be text or a map of keys, not the number 2048 | quote it: "2048"',
    ],
    [
      `${BASE}layers: [true]\n`,
      's.yaml:2:10: layers.0: this must be text or a map of keys, not true | quote it: "true"',
    ],
    [
      `${BASE}layers:\n`,
      's.yaml:2:1: layers: this must be a list, not nothing | remove the key, or write []',
    ],
    [
      `${BASE}layers: vim\n`,
      's.yaml:2:9: layers: this must be a list, not the text "vim" | put each entry on a line of its own after "- "',
    ],
    [`${BASE}layers: {a: b}\n`, 's.yaml:2:9: layers: this must be a list, not a map | '],
    [`${BASE}name: [a]\n`, 's.yaml:2:7: name: this must be text, not a list | '],
    [`${BASE}bootstrap: x\n`, 's.yaml:2:12: bootstrap: this must be a map of keys, not the text "x" | '],
    [
      `${BASE}bootstrap: {variant: minbas}\n`,
      's.yaml:2:22: bootstrap.variant: "minbas" is not one of minbase, standard, important | did you mean `minbase`?',
    ],
    [
      `${BASE}bootstrap: {variant: 5}\n`,
      's.yaml:2:22: bootstrap.variant: the number 5 is not one of minbase, standard, important | ',
    ],
    [
      `${BASE}bootstrap: {components: []}\n`,
      's.yaml:2:25: bootstrap.components: the list is empty | remove the key, or list something',
    ],
    [
      `${BASE}files: [{path: /a, directory: false}]\n`,
      's.yaml:2:31: files.0.directory: this must be true, not false | ',
    ],
    [
      `${BASE}files: [{path: /a, content: x, owner: [a]}]\n`,
      's.yaml:2:39: files.0.owner: this must be text or a number, not a list | ',
    ],
  ])('%j', (text, expected) => {
    expect(message(text)).toBe(expected);
  });
});

describe('values', () => {
  it.each([
    ['name: Web Server', /name: "Web Server" cannot name a deployment/],
    ['layers: [vim, less, vim]', /^s\.yaml:2:21: layers\.2: vim is in the list already, as entry 1/],
    ['layers: [vim, vim=1]', /layers\.1: vim is in the list already, as entry 1/],
    ['layers: [v]', /"v" is not a package name/],
    ['layers: ["lib*"]', /patterns are not allowed/],
    ['layers: [vim-]', /list it under `remove`/],
    ['layers: [foo.deb]', /write \.\/foo\.deb for a file/],
    ['layers: [./foo]', /the name of a package file ends with \.deb/],
    ['layers: ["vim=1 2"]', /in "vim=1 2", "1 2" is not a package version/],
    ['layers: ["vim=1:2:3-4"]', 'valid'],
    ['layers: ["vim=a"]', /starts with a digit/],
    ['layers: ["vim=1-"]', /the revision/],
    ['layers: ["vim=99999999999:1"]', /is not a package version/],
    ['layers: ["vim=2147483648:1"]', /the epoch is too large/],
    ['layers: ["vim=1*"]', /patterns are not allowed/],
    ['layers: ["vim:AMD64"]', /"AMD64" is not an architecture/],
    ['layers: ["vim/../x"]', /"\.\.\/x" is not a suite/],
    ['layers: ["vim=1/x"]', /"1\/x" is not a package version/],
    ['layers: ["-o=x"]', /"-o" is not a package name/],
    ['layers: [vim]\nremove: [vim]', /^s\.yaml:2:10: layers\.0: vim is under `remove` as well/],
    ['remove: [vim, vim]', /remove\.1: vim is in the list already/],
    [
      'services: {enable: [ssh], mask: [ssh.service]}',
      /^s\.yaml:2:34: services\.mask\.0: ssh\.service is under `enable` as well/,
    ],
    ['services: {enable: ["a/b"]}', /"a\/b" is not a unit name/],
    ['services: {enable: ["--now"]}', /"--now" is not a unit name/],
    ['bootstrap: {mirror: "mirror.example.org"}', /does not start with http/],
    ['bootstrap: {mirror: "http://"}', /is not the address of an archive/],
    ['bootstrap: {mirror: "http://a b"}', /spaces/],
    ['bootstrap: {mirror: "http://u:secret@h/"}', /must not hold a user name or password/],
    ['bootstrap: {mirror: "file:relative"}', /must be absolute/],
    ['bootstrap: {suites: ["a b"]}', /"a b" is not a suite/],
    ['files: [{path: etc/a, content: x}]', /"etc\/a" is not absolute \| write \/etc\/a/],
    ['files: [{path: /etc/../a, content: x}]', /has \.\. in it/],
    ['files: [{path: /etc//a, content: x}]', /is not in its shortest form \| write \/etc\/a/],
    ['files: [{path: /etc/a/, directory: true}]', /write \/etc\/a$/],
    ['files: [{path: /, directory: true}]', /the root itself/],
    ['files: [{path: /proc/x, content: x}]', /is not part of an image/],
    ['files: [{path: "/a\\0b", content: x}]', /control characters/],
    [`files: [{path: /${'x'.repeat(256)}, content: x}]`, /longer than 255 bytes/],
    ['files: [{path: /a}]', /it does not say what the file is \| give exactly one of/],
    ['files: [{path: /a, content: x, source: y}]', /content and source exclude each other/],
    ['files: [{path: /a, link: b, mode: 0644}]', /^s\.yaml:2:35: files\.0\.mode: a symbolic link has none/],
    ['files: [{path: /a, content: x, mode: 0888}]', /"0888" is not a file mode/],
    ['files: [{path: /a, content: x, mode: 0x1ff}]', /"0x1ff" is not a file mode/],
    ['files: [{path: /a, content: x, mode: 77777}]', /"77777" is not a file mode/],
    ['files: [{path: /a, content: x, owner: 4294967295}]', /neither a name nor a number/],
    ['files: [{path: /a, content: x, owner: 1.5}]', /neither a name nor a number/],
    ['files: [{path: /a, content: x}, {path: /a, content: y}]', /files\.1: \/a is in the list already/],
    [`repositories: [{${REPOSITORY}}, {${REPOSITORY}}]`, /repositories\.1: r is in the list already/],
    [`repositories: [{${REPOSITORY.replace('[s]', '[./]')}}]`, /a flat repository has no components/],
    [`repositories: [{${REPOSITORY.replace('[s]', '[s, ./]')}}]`, /suites and paths cannot be mixed/],
    [`repositories: [{${REPOSITORY.replace('components: [main], ', '')}}]`, /components are missing/],
    [
      `repositories: [{${REPOSITORY.replace(', signed-by: k.gpg', '')}}]`,
      /signed-by: this key is missing \| signatures are always/,
    ],
    [`repositories: [{${REPOSITORY.replace('name: r', 'name: a/b')}}]`, /"a\/b" cannot name a repository/],
    [
      `repositories: [{${REPOSITORY.replace('k.gpg', '"-----BEGIN PGP PRIVATE KEY BLOCK-----"')}}]`,
      /this is a private key/,
    ],
    [
      `repositories: [{${REPOSITORY.replace('k.gpg', '"a\\nb"')}}]`,
      /neither a path nor an armored public key/,
    ],
  ])('%s', (line, expected) => {
    const text = `${BASE}${line}\n`;
    if (typeof expected === 'string') expect(parseSpec(text, 's.yaml')).toBeDefined();
    else expect(message(text)).toMatch(expected);
  });

  it.each([
    ['trixie', /"trixie" is not a base image/],
    ['apt://', /"" is not a suite/],
    ['apt://../x', /is not a suite/],
    ['local://', /is not a ref of the store/],
    ['local://a/../b', /is not a ref of the store/],
    ['local:///a', /is not a ref of the store/],
    ['oci://-x y', /"-x y" cannot be part of an image's name \| write one like ubuntu:24.04/],
    ['oci://Ubuntu', /has capital letters|capital letters/],
    ['oci:', /DIRECTORY is missing/],
    ['loacl://x', /there is no loacl:\/\/ base image \| did you mean `local:\/\/`\?/],
    ['ftp://x', /there is no ftp:\/\/ base image \| write apt:\/\/SUITE/],
  ])('base-image: %s', (base, expected) => {
    expect(message(`base-image: "${base}"\n`)).toMatch(expected);
  });
});
