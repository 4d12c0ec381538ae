import type { Bind } from '../sandbox/index.ts';
import { writeForSandbox } from '../sandbox/index.ts';
import { SETTLED_FORMATS } from './settled-formats.ts';
import { SETTLED_KEY } from './settled-key.ts';
import { SETTLED_PASSWORD } from './settled-password.ts';
import type { DpkgTarget } from './target.ts';

/**
 * Packages whose postinst, or a program that it runs, writes the time into what it makes unless SOURCE_DATE_EPOCH names
 * another: fc-cache, the formats and logs of TeX, mkconf of mdadm. Not for all: with the variable Python compiles
 * modules into another kind of file, which is slower to load.
 */
const DATED: ReadonlyMap<string, string> = new Map([
  ['fontconfig', ''],
  ['mdadm', ''],
  ['roundcube-core', SETTLED_KEY],
  ['slapd', SETTLED_PASSWORD],
  ['tex-common', SETTLED_FORMATS],
]);

/** A script for a POSIX shell or bash. */
const SHELL_SCRIPT = /^#! *\/(usr\/)?bin\/(ba|da)?sh( [^\n]*)?\n/;

/** How the system that is configured looks before. */
export interface Unconfigured {
  /** The file at a path; undefined when there is none. */
  readonly read: (path: string) => Buffer | undefined;
  /** Whether there is a file at a path. */
  readonly has: (path: string) => boolean;
  /** The newest time that the image will have, in seconds since the epoch. */
  readonly epochSeconds: number;
}

/**
 * Puts over the postinst of each of these that the system has the same one that knows the time of the image as the present (the
 * specification of SOURCE_DATE_EPOCH; FORCE_SOURCE_DATE is TeX's). `except` names packages whose scripts dpkg is about to replace.
 */
export function datedScripts(
  target: DpkgTarget,
  { read, epochSeconds }: Unconfigured,
  except: ReadonlySet<string> = new Set(),
): Bind[] {
  const lines = `SOURCE_DATE_EPOCH=${epochSeconds} FORCE_SOURCE_DATE=1\nexport SOURCE_DATE_EPOCH FORCE_SOURCE_DATE\n`;
  return [...DATED].flatMap(([name, own]) => {
    if (except.has(name)) return [];
    const path = `/var/lib/dpkg/info/${name}.postinst`;
    const text = read(path)?.toString('latin1') ?? '';
    const first = SHELL_SCRIPT.exec(text)?.[0];
    if (first === undefined) return [];
    const source = `${target.workDirectory}/${name}.postinst`;
    const bytes = Buffer.from(first + lines + own + text.slice(first.length), 'latin1');
    writeForSandbox(target.host.sys, source, { bytes, mode: 0o755 });
    return [{ source, target: path }];
  });
}
