import { readShebang } from '../../formats/shell/index.ts';
import type { Severity } from './model.ts';

/** How a script is run. */
export interface Interpreter {
  /** `sh`, `perl`, `ELF` ...; what `#!` names, without its directory. */
  readonly name: string;
  /** The path that `#!` names; undefined for a program, or when there is no such line. */
  readonly path: string | undefined;
  readonly kind: 'shell' | 'other' | 'program' | 'none';
}

/** What runs a script; `/usr/bin/env` is looked through. */
export function readInterpreter(script: Buffer): Interpreter {
  if (script.length >= 4 && script.readUInt32BE(0) === 0x7f454c46)
    return { name: 'ELF', path: undefined, kind: 'program' };
  const shebang = readShebang(script);
  if (shebang === undefined) return { name: 'sh', path: undefined, kind: 'none' };
  const { path } = shebang;
  const [argument = ''] = shebang.argument.split(/[ \t]/, 1);
  const target = /\/env$/.test(path) && argument !== '' ? argument : path;
  const name = target.slice(target.lastIndexOf('/') + 1);
  return { name, path, kind: /^(?:sh|dash|bash)$/.test(name) ? 'shell' : 'other' };
}

/** perl-base is essential; a python may be there, or not be configured yet. */
export function severityOf({ name, kind }: Interpreter): Severity {
  if (name === 'perl') return 'handled';
  return kind === 'program' || /^python[0-9.]*$/.test(name) ? 'warning' : 'fatal';
}
