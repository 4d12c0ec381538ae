// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell writes expansions so, too
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyseScript, type ScriptInput, type ScriptOptions } from './index.ts';

function script(body: string, name = 'postinst', interpreter = '/bin/sh'): ScriptInput {
  return { name, bytes: Buffer.from(`#!${interpreter}\n${body}\n`), package: 'demo' };
}

/** What is live and what is not, each as `severity category: command`. */
function analyse(body: string, options: ScriptOptions & { name?: string } = {}) {
  const { findings } = analyseScript(script(body, options.name), options);
  const lines = (live: boolean) =>
    findings
      .filter(finding => finding.live === live && finding.severity !== 'safe')
      .map(({ severity, category, command }) => `${live ? `${severity} ` : ''}${category}: ${command}`);
  return { live: lines(true), dead: lines(false) };
}

describe('what may run on a fresh installation', () => {
  it.each([
    'systemctl daemon-reload',
    '[ -x /bin/systemctl ] && systemctl daemon-reload',
    'if command -v systemctl >/dev/null; then systemctl daemon-reload; fi',
    'if which systemctl; then systemctl daemon-reload; fi',
    'systemctl daemon-reload || true',
    'if [ "$1" = configure ]; then systemctl daemon-reload; fi',
    'case "$1" in configure|reconfigure) systemctl daemon-reload;; esac',
    'case "$1" in conf*) systemctl daemon-reload;; esac',
    'case "$1" in upgrade) ;; *) systemctl daemon-reload;; esac',
    'case "$1" in configure) ;& abort-*) systemctl daemon-reload;; esac',
    'if [ -z "$2" ]; then systemctl daemon-reload; fi',
    '[ -n "$2" ] || systemctl daemon-reload',
    'if ! [ -d /run/systemd/system ]; then systemctl daemon-reload; fi',
    'if dpkg --compare-versions "$2" lt 1.0; then systemctl daemon-reload; fi',
    'f() { systemctl daemon-reload; }; f',
    'f() { if [ "$1" = x ]; then systemctl daemon-reload; fi; }; f x',
    'function f { systemctl daemon-reload; }; if true; then f; fi',
    'main() { case "$1" in configure) systemctl daemon-reload;; esac; }; main "$@"',
    'x=$(systemctl daemon-reload)',
    'echo "`systemctl daemon-reload`"',
    'cat <<E\n$(systemctl daemon-reload)\nE',
    '[ "$(systemctl daemon-reload)" ]',
    'for i in a b; do systemctl daemon-reload; done',
    'while read x; do systemctl daemon-reload; done < /etc/x',
    'true | systemctl daemon-reload',
    '(systemctl daemon-reload)',
    'systemctl daemon-reload &',
    'if db_get demo/x && [ "$RET" = true ]; then systemctl daemon-reload; fi',
    'if aa-enabled; then systemctl daemon-reload; fi',
    'sh -c "systemctl daemon-reload"',
    'eval "systemctl daemon-reload"',
    "trap 'systemctl daemon-reload' EXIT",
    'exec systemctl daemon-reload',
    'env A=b nice -n 5 systemctl daemon-reload',
    '/bin/systemctl daemon-reload',
    'S=systemctl; $S daemon-reload',
    'find /x -name y -exec systemctl daemon-reload \\;',
    'if [ -f /x ]; then exit 0; fi; systemctl daemon-reload',
    '(exit 0); systemctl daemon-reload',
    'f() { return; }; f; systemctl daemon-reload',
    'x=a; while [ "$x" != c ]; do case $x in a) x=b;; b) systemctl daemon-reload; x=c;; esac; done',
    'x=a; . /usr/share/x; if [ "$x" != a ]; then systemctl daemon-reload; fi',
    'x=a; read x; if [ "$x" != a ]; then systemctl daemon-reload; fi',
    'x=a; f() { x=b; }; f; if [ "$x" != a ]; then systemctl daemon-reload; fi',
    'x=a; for i in 1 2; do f() { x=b; }; if [ $x = b ]; then systemctl daemon-reload; fi; f; done',
    'shift; if [ "$1" = "" ]; then systemctl daemon-reload; fi',
    'set -- a b; if [ "$2" = b ]; then systemctl daemon-reload; fi',
    '[[ $1 == configure && -z $2 ]] && systemctl daemon-reload',
    'f() { if [ "$1" != x ]; then f x; else systemctl daemon-reload; fi; }; f "$UNKNOWN"',
  ])('%s', body => {
    const { live } = analyse(body);
    expect(live.some(line => line.startsWith('warning service: '))).toBe(true);
  });

  it.each([
    [
      'if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi',
      '[ -d /run/systemd/system ] is false',
    ],
    ['[ -d /run/systemd/system ] && systemctl daemon-reload || true', '[ -d /run/systemd/system ] is false'],
    ['test -e /var/run/systemd/system || exit 0\nsystemctl daemon-reload', 'the script ends in line 2'],
    ['if [ -d "$DPKG_ROOT/run/systemd/system" ]; then systemctl daemon-reload; fi', 'is false'],
    [
      'if [ -z "${DPKG_ROOT:-}" ] && [ -d /run/systemd/system ]; then systemctl daemon-reload; fi',
      'is false',
    ],
    ['if [ -n "$2" ]; then systemctl daemon-reload; fi', '[ -n "$2" ] is false'],
    ['if [ "$1" = upgrade ]; then systemctl daemon-reload; fi', '[ "$1" = upgrade ] is false'],
    ['if [ "$1" = configure ]; then :; else systemctl daemon-reload; fi', '[ "$1" = configure ] is true'],
    ['if [ "$1" = configure ]; then :; elif x; then systemctl daemon-reload; fi', 'is true'],
    [
      'case "$1" in abort-upgrade|abort-*) systemctl daemon-reload;; esac',
      '"$1" is "configure", not abort-upgrade|abort-*',
    ],
    ['case "$1" in configure) ;; *) systemctl daemon-reload;; esac', 'is "configure", not *'],
    ['f() { systemctl daemon-reload; }', 'the function f is not called'],
    ['exit 0\nsystemctl daemon-reload', 'the script ends in line 2'],
    ['if dpkg --compare-versions "$2" lt-nl 1.0; then systemctl daemon-reload; fi', 'is false'],
    ['f() { [ -n "$2" ]; }\nif f; then systemctl daemon-reload; fi', 'f is false'],
    ['f() { return 0; systemctl daemon-reload; }; f', 'the function ends in line 2'],
    ['for i in $2; do systemctl daemon-reload; done', 'has nothing to go through'],
    ['while false; do systemctl daemon-reload; done', 'false is false'],
    ['for i in a; do break; systemctl daemon-reload; done', 'the loop ends'],
    ['x=no; if [ "$x" = yes ]; then systemctl daemon-reload; fi', 'is false'],
    ['[[ -d /run/systemd/system ]] && systemctl daemon-reload', 'is false'],
    ['exec x; systemctl daemon-reload', 'the script ends in line 2'],
    ['if x; then exit 1; else exit 0; fi; systemctl daemon-reload', 'the script ends in line 2'],
  ])('not %s', (body, guard) => {
    const { findings } = analyseScript(script(body));
    const [finding, ...more] = findings.filter(({ programs }) => programs.includes('systemctl'));
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ severity: 'handled', live: false, category: 'service' });
    expect(finding?.guard).toContain(guard);
    expect(finding?.reason).toContain(guard);
  });

  it('depends on the script and the situation', () => {
    const body = 'if [ "$1" = upgrade ]; then udevadm trigger; fi; if [ "$1" = install ]; then sysctl x; fi';
    expect(analyse(body, { name: 'preinst' }).live).toEqual(['warning kernel: sysctl x']);
    expect(analyse(body, { name: 'preinst', situation: 'upgrade' }).live).toEqual([
      'warning kernel: udevadm trigger',
    ]);
    expect(analyse(body, { name: 'postrm' }).live).toEqual([]);
    expect(analyse('if [ -n "$2" ]; then udevadm trigger; fi', { situation: 'upgrade' }).live).toHaveLength(
      1,
    );
    const old = 'if dpkg --compare-versions "$2" lt 2; then udevadm trigger; fi';
    expect(analyse(old, { situation: 'upgrade', from: '1.5' }).live).toHaveLength(1);
    expect(analyse(old, { situation: 'upgrade', from: '2.5' }).live).toHaveLength(0);
    const triggered = 'if [ "$1" = triggered ]; then udevadm trigger; fi';
    expect(analyse(triggered).live).toHaveLength(0);
    expect(analyse(triggered, { isTriggered: true }).live).toHaveLength(1);
  });
});

it.each([
  ['cat /proc/cmdline', 'warning proc-sys'],
  ['echo 1 > /proc/sys/kernel/x', 'warning proc-sys'],
  ['[ -e /sys/class/net ]', 'handled proc-sys'],
  ['hostname -f', 'warning hostname'],
  ['ssh-keygen -t rsa -f /x', 'warning secrets'],
  ['ssh-keygen -l -f /x', ''],
  ['head -c 8 /dev/urandom', 'warning secrets'],
  ['openssl req -new', 'warning secrets'],
  ['openssl x509 -in a', ''],
  ['uname -r', 'warning kernel'],
  ['uname -m', ''],
  ['. /usr/share/debconf/confmodule', 'handled debconf'],
  ['. /usr/share/dbconfig-common/dpkg/postinst', 'warning dbconfig'],
  ['dbc_go demo "$@"', 'warning dbconfig'],
  ['. /etc/default/x', 'handled shell'],
  ['invoke-rc.d x start', 'handled service'],
  ['systemctl enable x', 'handled service'],
  ['systemctl --no-reload preset x', 'handled service'],
  ['update-grub', 'warning bootloader'],
  ['update-initramfs -u', 'handled kernel'],
  ['wget http://x', 'warning network'],
  ['mount --bind a b', 'warning mount'],
  ['adduser --system --home /proc x', 'handled users'],
  ['apt-get install x', 'warning packages'],
  ['dpkg -i x.deb', 'warning packages'],
  ['dpkg -L x', ''],
  ['reboot', 'fatal reboot'],
  ['/sbin/shutdown -r now', 'fatal reboot'],
  ['mkfs.ext4 /dev/sda1', 'fatal disk'],
  ['dd if=/x of=/dev/sda', 'fatal disk'],
  ['dd if=/x of=/y', ''],
  ['kexec -l x', 'fatal reboot'],
  ['demo-setup --all', 'handled program'],
  ['$TOOL x', 'handled program'],
  ['rm -rf /x; mkdir -p /y; chmod 755 /y', 'handled files'],
])('%s is %s', (body, expected) => {
  expect(
    analyse(body)
      .live.map(line => line.split(':')[0])
      .join(),
  ).toBe(expected);
});

it('fatal commands that do not run are no problem', () => {
  expect(analyse('if [ "$1" = upgrade ]; then reboot; fi')).toEqual({ live: [], dead: ['reboot: reboot'] });
});

it('says where and what', () => {
  const { findings, interpreter } = analyseScript(script('set -e\n\n/usr/sbin/sysctl  -p \\\n /etc/x'));
  expect(interpreter).toBe('sh');
  expect(findings).toEqual([
    {
      severity: 'warning',
      script: 'postinst',
      line: 4,
      command: '/usr/sbin/sysctl -p /etc/x',
      category: 'kernel',
      reason: 'it speaks to the kernel of the machine that builds',
      live: true,
      guard: undefined,
      programs: ['sysctl'],
      paths: ['/usr/sbin/sysctl', '/etc/x'],
    },
  ]);
});

it('shows bytes that are not text, and cuts', () => {
  const body = Buffer.from(
    `#!/bin/sh\nif [ "$2" = "a\xff\x1b" ] \\\n; then sysctl "/x\xff${'y'.repeat(500)}"; fi\n`,
    'latin1',
  );
  const [finding] = analyseScript({ name: 'postinst', bytes: body, package: 'demo' }).findings;
  expect(finding?.command).toMatch(/^sysctl "\/x\\xffy+\.\.\.$/);
  expect(finding?.guard).toBe('[ "$2" = "a\\xff\\x1b" ] is false');
  expect(finding?.paths[0]?.startsWith('/x\\xffy')).toBe(true);
});

describe('an interpreter', () => {
  it.each([
    ['#!/usr/bin/perl -w\n', 'perl', 'handled'],
    ['#!/usr/bin/python3\n', 'python3', 'warning'],
    ['#! /usr/bin/env python3\n', 'python3', 'warning'],
    ['\x7fELF\x02', 'ELF', 'warning'],
    ['#!/usr/bin/ruby\n', 'ruby', 'fatal'],
    ['#!/bin/zsh\n', 'zsh', 'fatal'],
    ['echo\n', 'sh', 'warning'],
    ['', 'sh', 'warning'],
  ])('%j', (text, interpreter, severity) => {
    const report = analyseScript({ name: 'postinst', bytes: Buffer.from(text, 'latin1'), package: 'demo' });
    expect(report.interpreter).toBe(interpreter);
    expect(report.findings).toMatchObject([{ severity, category: 'interpreter', live: true }]);
  });

  it('may be missing', () => {
    const isInstalled = (path: string) => path !== '/bin/bash';
    expect(analyseScript(script('', 'postinst', '/bin/bash'), { isInstalled }).findings[0]?.severity).toBe(
      'fatal',
    );
    expect(analyseScript(script(''), { isInstalled }).findings).toEqual([]);
  });

  it('does not run what is no shell script', () => {
    const { findings } = analyseScript(script('set -e\nif x; then'));
    expect(findings).toMatchObject([{ severity: 'fatal', category: 'syntax', line: 4 }]);
  });
});

describe('hostile scripts', () => {
  it('are analysed, whatever they hold', () => {
    const pieces = [
      'if x; then\n',
      'fi\n',
      'f() {\n',
      '}\n',
      'f\n',
      'case $1 in\n',
      'x) ',
      ';;\n',
      'esac\n',
      'x=$x$x\n',
      'set -- $x $x\n',
      'shift\n',
      '. $1\n',
      'while x; do\n',
      'done\n',
      'eval "f"\n',
      '|| ',
      '&& ',
      '$(f)',
      'exit\n',
      'sh -c "f"\n',
      'exec ',
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string())), parts => {
        for (const finding of analyseScript(script(parts.join(''))).findings)
          expect(finding.line).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [
      'functions that multiply',
      Array.from({ length: 40 }, (_, i) => `f${i}() { f${i + 1}; f${i + 1}; }`)
        .join('\n')
        .concat('\nf0'),
    ],
    ['values that multiply', `x=aaaaaaaa\n${'x=$x$x\n'.repeat(60)}[ "$x" ]`],
    ['recursion', 'f() { f a; f b; f "$@"; }\nf'],
    ['scripts in scripts', `${'eval "'.repeat(1)}${'sh -c x; '.repeat(3000)}"`],
    ['many branches', 'if x; then y=1; fi\n'.repeat(3000)],
    ['many variables', Array.from({ length: 5000 }, (_, i) => `v${i}=1; [ -f x ] && v${i}=2`).join('\n')],
    [
      'many functions',
      Array.from({ length: 3000 }, () => 'f() { x; }')
        .join('\n')
        .concat('\nf'.repeat(3000)),
    ],
    ['wrappers', `${'env '.repeat(2000)} x`],
    ['itself', 'f() { eval "f; f"; sh -c "f; f"; }; f'],
  ])('%s end soon', (_name, body) => {
    expect(analyseScript(script(body)).name).toBe('postinst');
  });

  it('that are too much count as running', () => {
    const body = `${'if [ -n "$2" ]; then sysctl x; fi\n'}${'{ '.repeat(60)}${'a && b && c\n'.repeat(100)}${'; }'.repeat(60)}`;
    const many = `f() { ${'a; '.repeat(3000)} }\n${'f\n'.repeat(45)}if [ -n "$2" ]; then sysctl x; fi`;
    expect(analyse(body).live).not.toContain('warning kernel: sysctl x');
    const { live } = analyse(many);
    expect(live).toContain('warning kernel: sysctl x');
    expect(live).toContain('warning shell: postinst');
  });
});
