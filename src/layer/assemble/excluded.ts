import { type ByteString, fromText } from '../../formats/bytes/index.ts';
import { lookupDirectory, type Node, type Tree } from '../../formats/tree/index.ts';
import { globMatcher, literalStart } from './glob.ts';

/** Whether dpkg leaves a path of a package out, by what is packed there. */
export type Exclusion = (path: ByteString, kind: Node['kind']) => boolean;

interface Rule {
  readonly excludes: boolean;
  readonly matches: (path: string) => boolean;
  /** The glob up to its first wildcard, without slashes at its end. */
  readonly above: string;
}

/**
 * What the dpkg configuration of a tree keeps dpkg from unpacking, or undefined when that is nothing: `path-exclude` and
 * `path-include` in dpkg.cfg.d in byte order, in dpkg.cfg and in root's .dpkg.cfg. As in dpkg's filters.c the last option that
 * matches the packed path decides, and a directory or symlink stays whose path begins as an include does before its first
 * wildcard. `text` reads a file of the tree, through links.
 */
export function readExclusion(
  tree: Tree,
  text: (path: ByteString) => ByteString | undefined,
): Exclusion | undefined {
  const rules = configurationFiles(tree).flatMap(path => rulesOf(text(path) ?? fromText('')));
  if (!rules.some(({ excludes }) => excludes)) return undefined;
  const includes = rules.filter(({ excludes }) => !excludes);
  return (path, kind) => {
    if (rules.findLast(({ matches }) => matches(path))?.excludes !== true) return false;
    if (kind !== 'directory' && kind !== 'symlink') return true;
    return !includes.some(({ above }) => path.startsWith(above));
  };
}

/** Those names in dpkg.cfg.d that dpkg reads. */
const CONFIGURATION_NAME = /^[A-Za-z0-9_-]+$/;

function configurationFiles(tree: Tree): ByteString[] {
  const parts = lookupDirectory(tree, fromText('/etc/dpkg/dpkg.cfg.d'));
  const names = [...(parts?.entries.keys() ?? [])].filter(name => CONFIGURATION_NAME.test(name)).sort();
  return [
    ...names.map(name => `/etc/dpkg/dpkg.cfg.d/${name}` as ByteString),
    fromText('/etc/dpkg/dpkg.cfg'),
    fromText('/root/.dpkg.cfg'),
  ];
}

/** The name of an option ends at any other character; one `=` and blanks may follow that. */
const OPTION = /^path-(exclude|include)[^A-Za-z0-9-]=?\s*(.*)$/s;

function rulesOf(text: ByteString): Rule[] {
  return text.split('\n').flatMap(line => {
    const [, kind, value] = OPTION.exec(line.trimEnd()) ?? [];
    if (kind === undefined || value === undefined) return [];
    const glob = value.replace(/^(["'])(.*)\1$/s, '$2');
    return [{ excludes: kind === 'exclude', matches: globMatcher(glob), above: literalStart(glob) }];
  });
}
