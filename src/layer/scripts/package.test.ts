import { expect, it } from 'vitest';
import { FormatError } from '../../errors/index.ts';
import { analysePackage } from './index.ts';

function members(files: Readonly<Record<string, string>>) {
  const control = 'Package: demo\nVersion: 1:2-3\nArchitecture: amd64\n';
  return new Map(
    Object.entries({ control, ...files }).map(([name, text]) => [
      name,
      { bytes: Buffer.from(text), mode: 0o755 },
    ]),
  );
}

it('reports a package without scripts as safe', () => {
  expect(analysePackage(members({ md5sums: '' }))).toEqual({
    package: 'demo',
    version: '1:2-3',
    architecture: 'amd64',
    scripts: [],
    severity: 'safe',
    debconf: { config: false, templates: false },
  });
});

it('reports the scripts that run, and the worst of them', () => {
  const report = analysePackage(
    members({
      postinst: '#!/bin/sh\nhostname\n',
      preinst: '#!/bin/bash\nucf a b\n',
      config: '#!/usr/bin/perl\n',
      postrm: '#!/bin/sh\nreboot\n',
      templates: '',
    }),
  );
  expect(
    report.scripts.map(({ name, interpreter, findings }) => [name, interpreter, findings[0]?.severity]),
  ).toEqual([
    ['config', 'perl', 'handled'],
    ['preinst', 'bash', 'handled'],
    ['postinst', 'sh', 'warning'],
  ]);
  expect(report.severity).toBe('warning');
  expect(report.debconf).toEqual({ config: true, templates: true });
});

it('reports the scripts of an upgrade', () => {
  const scripts = { postinst: '#!/bin/sh\n', prerm: '#!/bin/sh\n', postrm: '#!/bin/sh\nreboot\n' };
  const report = analysePackage(members(scripts), { situation: 'upgrade' });
  expect(report.scripts.map(({ name }) => name)).toEqual(['prerm', 'postrm', 'postinst']);
  expect(report.severity).toBe('fatal');
});

it('counts what a postinst does for triggers only when it declares an interest', () => {
  const postinst = '#!/bin/sh\nif [ "$1" = triggered ]; then sysctl x; fi\n';
  const severity = (triggers: string) => analysePackage(members({ postinst, triggers })).severity;
  expect(severity('# interest x\nactivate-noawait ldconfig\n')).toBe('handled');
  expect(severity('interest-noawait /usr/share/x\n')).toBe('warning');
});

it('refuses a control file that is not valid', () => {
  expect(() => analysePackage(members({ control: 'Package: demo\n' }))).toThrow(FormatError);
});
