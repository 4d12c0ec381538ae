import { describe, expect, it } from 'vitest';
import { analyseScript, judge, type ValidationMode } from './index.ts';

const body = `#!/bin/sh
. /usr/share/debconf/confmodule
if [ -d /run/systemd/system ]; then systemctl restart x; fi
deb-systemd-helper enable x
cat /proc/cmdline
touch /etc/x
if [ "$1" = upgrade ]; then rm -f /proc/x; fi
reboot
`;
const { findings } = analyseScript({ name: 'postinst', bytes: Buffer.from(body), package: 'demo' });

function lines(mode: ValidationMode, forbiddenActions: string[] = []) {
  const show = ({ severity, line }: { severity: string; line: number }) => `${line} ${severity}`;
  const { refused, reported } = judge(findings, { mode, forbiddenActions });
  return { refused: refused.map(show), reported: reported.map(show) };
}

describe('a policy', () => {
  it('strict refuses warnings and worse', () => {
    expect(lines('strict')).toEqual({
      refused: ['5 warning', '8 fatal'],
      reported: ['2 handled', '3 handled', '4 handled', '7 handled'],
    });
  });

  it('warn reports', () => {
    expect(lines('warn')).toEqual({
      refused: [],
      reported: ['2 handled', '3 handled', '4 handled', '5 warning', '7 handled', '8 fatal'],
    });
  });

  it('skip says nothing', () => {
    expect(lines('skip', ['debconf'])).toEqual({ refused: [], reported: [] });
  });

  it.each([
    [['systemctl'], []],
    [['debconf'], ['2 fatal']],
    [['service'], ['4 fatal']],
    [['deb-systemd-helper'], ['4 fatal']],
    [['touch'], ['6 fatal']],
    [['/etc'], ['6 fatal']],
    [['/et'], []],
    [['/proc'], ['5 fatal']],
    [
      ['debconf', '/etc/x', 'reboot'],
      ['2 fatal', '6 fatal', '8 fatal'],
    ],
  ])('forbids %j where it runs', (forbidden, expected) => {
    const { refused } = lines('strict', forbidden);
    expect(
      refused.filter(line => line.endsWith('fatal') && (line !== '8 fatal' || forbidden.includes('reboot'))),
    ).toEqual(expected);
  });

  it('warns of what is forbidden', () => {
    expect(lines('warn', ['debconf', 'touch', 'systemctl']).reported).toEqual([
      '2 warning',
      '3 handled',
      '4 handled',
      '5 warning',
      '6 warning',
      '7 handled',
      '8 fatal',
    ]);
    const [first] = judge(findings, { mode: 'warn', forbiddenActions: ['debconf'] }).reported;
    expect(first?.reason).toMatch(/^the policy forbids debconf; /);
  });
});
