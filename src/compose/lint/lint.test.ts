import { describe, expect, it } from 'vitest';
import { parseSpec } from '../spec/index.ts';
import { lintSpec } from './lint.ts';

const BASE = 'base-image: apt://trixie\n';
const NOW = new Date('2027-01-20T12:00:00Z');
const rules = (text: string, hasLock = true) =>
  lintSpec(parseSpec(BASE + text, 's.yaml'), { hasLock, now: NOW }).map(({ rule, path }) => [rule, path]);

describe('lintSpec', () => {
  it('says that arguments of a build are no secrets', () => {
    const text = 'base-image: {containerfile: C, build-args: {VERSION: "1", DB_PASSWORD: x}}';
    const found = lintSpec(parseSpec(text, 's.yaml'), { hasLock: true, now: NOW });
    expect(found.map(({ rule, path }) => [rule, path])).toEqual([
      ['secret-build-arg', 'base-image.build-args.DB_PASSWORD'],
    ]);
  });

  it('finds nothing in a plain spec with a lock', () => {
    expect(rules('layers: [vim]')).toEqual([]);
    expect(rules('services: {mask: [a.target]}\nkernel-arguments: [panic=5, systemd.mask=a]')).toEqual([]);
    const owned = ['/opt/a/b', '/srv/a', '/usr/local/bin/a', '/var/srv/a', '/mnt/a', '/usr/lib/a', '/etc/a'];
    for (const path of owned) expect(rules(`files: [{path: ${path}, content: x}]`)).toEqual([]);
    for (const path of ['/var/lib/a', '/var/log/a', '/home/a'])
      expect(rules(`files: [{path: ${path}, directory: true}]`)).toEqual([]);
    expect(rules('', false)).toEqual([['no-lock', '']]);
  });

  it('says which exceptions end, and which rules mean nothing', () => {
    const of = (text: string) => rules(`security: {vulnerabilities: ${text}}`);
    const except = (until: string) => `except: [{cve: CVE-2027-1, reason: x, until: ${until}}]`;
    const ends = [['exception-ends', 'security.vulnerabilities.except.0']];
    expect(of(`{refuse: [high], ${except('2027-02-03')}}`)).toEqual([]);
    expect(of(`{refuse: [high], ${except('2027-02-02')}}`)).toEqual(ends);
    expect(of(`{refuse: [high], ${except('2027-01-20')}}`)).toEqual(ends);
    expect(of(`{refuse: [high], ${except('2027-01-19')}}`)).toEqual(ends);
    expect(of('{max-age: 7d}')).toEqual([['rule-without-refuse', 'security.vulnerabilities']]);
    expect(of('{vex: [a.json]}')).toEqual([]);
    const denied = rules('layers: [vim, telnetd]\nsecurity: {packages: {deny: [telnet*]}}');
    expect(denied).toEqual([['denied-layer', 'layers.1']]);
  });

  it('says where a demand for signatures has nothing to demand', () => {
    const of = (base: string) =>
      lintSpec(
        parseSpec(`base-image: ${base}\nsecurity: {images: {require: signed, keys: [a.pub]}}\n`, 's.yaml'),
        { hasLock: true, now: NOW },
      ).map(({ rule, message }) => [rule, message.replace(/:.*$|, .*$/, '')]);
    expect(of('oci://h.example.org/a:1')).toEqual([]);
    expect(of('local://a')).toEqual([]);
    expect(of('apt://trixie')).toEqual([['signed-base', 'it demands nothing of this base']]);
    expect(of('oci:/srv/a')).toEqual([['signed-base', 'the base cannot be signed where it is']]);
  });

  it('says that a system of another name has another /var than the machine that runs', () => {
    const of = (text: string, running: string) =>
      lintSpec(parseSpec(BASE + text, 's.yaml'), { hasLock: true, now: NOW, running }).map(one => one.rule);
    expect(of('name: web', 'web')).toEqual([]);
    expect(of('', 'default')).toEqual([]);
    expect(of('name: web', 'default')).toEqual(['other-name']);
    expect(of('', 'web')).toEqual(['other-name']);
  });

  it.each([
    ['files: [{path: /etc/a, content: x}, {path: /var/lib/a, content: x}]', 'file-in-var', 'files.1.path'],
    ['files: [{path: /root/.bashrc, content: x}]', 'file-in-var', 'files.0.path'],
    ['files: [{path: /var/log/a, content: x}]', 'file-dropped', 'files.0.path'],
    ['files: [{path: /var/cache/a, content: x}]', 'file-dropped', 'files.0.path'],
    ['files: [{path: /etc/resolv.conf, content: x}]', 'file-dropped', 'files.0.path'],
    ['files: [{path: /etc/a, content: x, mode: 4755}]', 'file-mode', 'files.0.mode'],
    [
      'maintainer-scripts: {validation-mode: skip}',
      'scripts-unchecked',
      'maintainer-scripts.validation-mode',
    ],
    ['layers: [{package: vim, maintainer-scripts: skip}]', 'scripts-unchecked', 'layers (vim)'],
    ['debconf: [a a/b password x]', 'password', 'debconf.0'],
    ['layers: [vim=1]\nholds: [vim]', 'held-version', 'holds.0'],
    ['services: {mask: [a.service, multi-user.target]}', 'boot-path', 'services.mask.1'],
    ['layers: [vim, {package: git, network: true}]', 'network-in-scripts', 'layers.1.network'],
    ['services: {mask: [apt-layer-confirm]}', 'boot-path', 'services.mask.0'],
    ['kernel-arguments: [quiet, systemd.unit=my.target]', 'boot-path', 'kernel-arguments.1'],
    ['kernel-arguments: [systemd.mask=boot-complete.target]', 'boot-path', 'kernel-arguments.0'],
    ['kernel-arguments: [panic=0]', 'boot-path', 'kernel-arguments.0'],
    ['files: [{path: /etc/systemd/system/default.target, link: my.target}]', 'boot-path', 'files.0.path'],
    ['layers: [./a.deb]', 'local-file', 'layers.0'],
  ])('%s: %s', (text, rule, path) => expect(rules(text)).toEqual([[rule, path]]));
});
