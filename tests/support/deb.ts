import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { must } from './command.ts';
import { temporaryDirectory } from './temporary.ts';

/** An entry with an owner and a mode: root's, 0644 or 0755 by default. */
type OwnedEntry = {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
} & ({ readonly content: string | Buffer } | { readonly directory: true } | { readonly fifo: true });

/** What a package ships at one path; plain text or bytes are a file. Missing parent directories are made. */
export type DebEntry =
  | string
  | Buffer
  | OwnedEntry
  | { readonly symlink: string }
  /** Another name of a file of the same package, by its absolute path. */
  | { readonly hardlink: string };

export type ControlScript = 'preinst' | 'postinst' | 'prerm' | 'postrm' | 'config';
export type DebCompression = 'none' | 'gzip' | 'xz' | 'zstd';

/** A package to build. Everything but the name has a default. */
export interface DebDescription {
  readonly name: string;
  /** Default `1.0`. */
  readonly version?: string;
  /** Default `all`. */
  readonly architecture?: string;
  readonly depends?: readonly string[];
  readonly preDepends?: readonly string[];
  readonly recommends?: readonly string[];
  readonly conflicts?: readonly string[];
  readonly breaks?: readonly string[];
  readonly replaces?: readonly string[];
  readonly provides?: readonly string[];
  readonly multiArch?: 'same' | 'foreign' | 'allowed';
  /** Further control fields, spelled as in the control file. */
  readonly fields?: Readonly<Record<string, string>>;
  /** By absolute path in the target. */
  readonly files?: Readonly<Record<string, DebEntry>>;
  /** Bodies of maintainer scripts. Without `#!` they are /bin/sh scripts under `set -e`. */
  readonly scripts?: Readonly<Partial<Record<ControlScript, string>>>;
  /** Lines of `conffiles`, flags included. */
  readonly conffiles?: readonly string[];
  /** Lines of `triggers`, such as `interest-noawait /usr/share/x`. */
  readonly triggers?: readonly string[];
  /** Texts of further control members by name, such as `templates` of debconf. */
  readonly control?: Readonly<Record<string, string>>;
  /** Ship `md5sums`, as packages made with debhelper do. Default true. */
  readonly md5sums?: boolean;
  readonly compression?: DebCompression;
}

/** Every time stamp in a built package: 2024-01-01. */
export const DEB_EPOCH_SECONDS = 1_704_067_200;

/** Name of the file that `buildDeb` makes; as in Debian's pool, the epoch is left out. */
export function debFileName(description: DebDescription): string {
  const version = (description.version ?? '1.0').replace(/^\d+:/, '');
  return `${description.name}_${version}_${description.architecture ?? 'all'}.deb`;
}

/**
 * Builds a real package with dpkg-deb into `directory` and resolves to its path. The same description gives the
 * same bytes. Needs root, for the owners.
 */
export async function buildDeb(description: DebDescription, directory: string): Promise<string> {
  await using work = temporaryDirectory('deb');
  const tree = work.join('tree');
  makeDirectory(tree);
  for (const [name, entry] of sortedEntries(description.files ?? {})) writeEntry(tree, name, entry);
  writeControl(path.join(tree, 'DEBIAN'), description, md5sums(description));
  settleTimes(tree);
  fs.mkdirSync(directory, { recursive: true });
  const deb = path.join(directory, debFileName(description));
  // It builds no package with a `_` in its name unless it is told to; dpkg and apt take them.
  const check = description.name.includes('_') ? ['--nocheck'] : [];
  await must('dpkg-deb', [...check, `-Z${description.compression ?? 'xz'}`, '--build', tree, deb], {
    env: { SOURCE_DATE_EPOCH: String(DEB_EPOCH_SECONDS) },
  });
  return deb;
}

/** Hard links last, after the files they name. */
function sortedEntries(files: Readonly<Record<string, DebEntry>>): [string, DebEntry][] {
  const late = (entry: DebEntry) => (typeof entry === 'object' && 'hardlink' in entry ? 1 : 0);
  return Object.entries(files).sort(([a, x], [b, y]) => late(x) - late(y) || (a < b ? -1 : 1));
}

function writeEntry(tree: string, name: string, entry: DebEntry): void {
  if (!name.startsWith('/')) throw new Error(`a path in a package must be absolute: ${name}`);
  const target = path.join(tree, name);
  makeDirectory(path.dirname(target));
  if (typeof entry === 'string' || Buffer.isBuffer(entry)) writeOwned(target, { content: entry });
  else if ('symlink' in entry) fs.symlinkSync(entry.symlink, target);
  else if ('hardlink' in entry) fs.linkSync(path.join(tree, entry.hardlink), target);
  else writeOwned(target, entry);
}

function writeOwned(target: string, entry: OwnedEntry): void {
  if ('directory' in entry) makeDirectory(target);
  else if ('fifo' in entry) execFileSync('mkfifo', ['--', target]);
  else fs.writeFileSync(target, entry.content);
  fs.chownSync(target, entry.uid ?? 0, entry.gid ?? 0);
  fs.chmodSync(target, entry.mode ?? ('directory' in entry ? 0o755 : 0o644));
}

/** With mode 0755 whatever the umask. */
function makeDirectory(directory: string): void {
  if (fs.existsSync(directory)) return;
  makeDirectory(path.dirname(directory));
  fs.mkdirSync(directory);
  fs.chmodSync(directory, 0o755);
}

function writeControl(directory: string, description: DebDescription, sums: string): void {
  makeDirectory(directory);
  const member = (name: string, text: string, mode = 0o644) => {
    fs.writeFileSync(path.join(directory, name), text);
    fs.chmodSync(path.join(directory, name), mode);
  };
  const lines = (list: readonly string[]) => list.map(line => `${line}\n`).join('');
  member('control', controlText(description));
  for (const [name, body] of Object.entries(description.scripts ?? {}))
    member(name, body.startsWith('#!') ? body : `#!/bin/sh\nset -e\n${body}\n`, 0o755);
  if (description.conffiles !== undefined) member('conffiles', lines(description.conffiles));
  if (description.triggers !== undefined) member('triggers', lines(description.triggers));
  if (sums !== '' && description.md5sums !== false) member('md5sums', sums);
  for (const [name, text] of Object.entries(description.control ?? {})) member(name, text);
}

function controlText(description: DebDescription): string {
  const list = (items: readonly string[] | undefined) => items?.join(', ');
  const fields: Record<string, string | undefined> = {
    Package: description.name,
    Version: description.version ?? '1.0',
    Architecture: description.architecture ?? 'all',
    Maintainer: 'Test <test@example.org>',
    'Multi-Arch': description.multiArch,
    'Pre-Depends': list(description.preDepends),
    Depends: list(description.depends),
    Recommends: list(description.recommends),
    Conflicts: list(description.conflicts),
    Breaks: list(description.breaks),
    Replaces: list(description.replaces),
    Provides: list(description.provides),
    Description: `test package ${description.name}`,
    ...description.fields,
  };
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

/** As dh_md5sums writes it: regular files that are not conffiles, by their name. */
function md5sums(description: DebDescription): string {
  const files = description.files ?? {};
  const conffiles = new Set(description.conffiles?.map(line => line.split(' ').at(-1)));
  const content = (name: string): string | Buffer | undefined => {
    const entry = files[name];
    if (entry === undefined || typeof entry === 'string' || Buffer.isBuffer(entry)) return entry;
    if ('hardlink' in entry) return content(entry.hardlink);
    return 'content' in entry ? entry.content : undefined;
  };
  let text = '';
  for (const name of Object.keys(files).sort()) {
    const bytes = content(name);
    if (bytes === undefined || conffiles.has(name)) continue;
    text += `${createHash('md5').update(bytes).digest('hex')}  ${name.slice(1)}\n`;
  }
  return text;
}

function settleTimes(directory: string): void {
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const name = path.join(directory, entry.name);
    if (entry.isDirectory()) settleTimes(name);
    else fs.lutimesSync(name, DEB_EPOCH_SECONDS, DEB_EPOCH_SECONDS);
  }
  fs.utimesSync(directory, DEB_EPOCH_SECONDS, DEB_EPOCH_SECONDS);
}
