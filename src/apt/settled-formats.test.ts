import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SETTLED_FORMATS } from './settled-formats.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'formats-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), mode);
}

/** Runs the postinst's call with programs that say what they are told, all of them below `root`. */
function callFmtutil(code: number): number {
  write('usr/bin/tex', `#!/bin/sh\nprintf '<%s>' "$@" >${root}/told\n`, 0o755);
  write('usr/bin/kpsewhich', '#!/bin/sh\n', 0o755);
  write('usr/bin/mktexlsr', `#!/bin/sh\necho "$*" >${root}/listed\n`, 0o755);
  // As fmtutil does: the directory of kpsewhich comes first, whatever else is in PATH.
  const lookup = 'PATH="$(dirname "$(command -v kpsewhich)"):$PATH"';
  const run = 'tex -ini -jobname=tex tex.ini';
  write('usr/bin/fmtutil', `#!/bin/sh\n${lookup}\n${run}\nexit ${code}\n`, 0o755);
  const settled = SETTLED_FORMATS.replaceAll('/usr/bin/', `${root}/usr/bin/`).replaceAll(
    '/var/lib/texmf',
    `${root}/texmf`,
  );
  const script = `${settled}FMTUTIL="fmtutil --sys"\nif LANG=C $FMTUTIL --all; then exit 0; else exit $?; fi`;
  const env = {
    PATH: `${root}/usr/bin:${process.env['PATH']}`,
    SOURCE_DATE_EPOCH: '1700000000',
    TMPDIR: root,
  };
  try {
    execFileSync('sh', ['-ec', script], { env });
    return 0;
  } catch (error) {
    return (error as { status: number }).status;
  }
}

it('tells TeX the time of the image before its format is read', () => {
  expect(callFmtutil(0)).toBe(0);
  // 14 November 2023, 22:13 UTC.
  expect(readFileSync(join(root, 'told'), 'utf8')).toBe(
    '<-ini><-jobname=tex><\\year=2023\\month=11\\day=14\\time=1333\\input tex.ini>',
  );
});

it('leaves formats that can be made again, and lists those', () => {
  const made = ['tex/tex.fmt', 'tex/tex.log', 'luahbtex/lualatex.fmt', 'aleph/aleph.fmt', 'updmap.log'];
  for (const name of made) write(`texmf/web2c/${name}`, 'made');
  callFmtutil(0);
  const left = readdirSync(join(root, 'texmf'), { recursive: true, withFileTypes: true });
  expect(left.filter(one => one.isFile()).map(one => one.name)).toEqual(['tex.fmt']);
  expect(readFileSync(join(root, 'listed'), 'utf8')).toBe(`${root}/texmf\n`);
  expect(readdirSync(root).sort()).toEqual(['listed', 'texmf', 'told', 'usr']);
});

it('fails when fmtutil does', () => {
  expect(callFmtutil(3)).toBe(3);
});
