import { type ByteString, fromBuffer, fromText } from '../../formats/bytes/index.ts';
import { lookupDirectory, type RegularFile, type Tree } from '../../formats/tree/index.ts';
import type { ReadFile } from '../assemble/index.ts';

const OPTION = /^path-(exclude|include)(?:\s*=\s*|\s+)(.+)$/;

/**
 * Whether the dpkg configuration of a tree keeps dpkg from unpacking a path: `path-exclude` and `path-include` in dpkg.cfg
 * and, in byte order, dpkg.cfg.d; the last option that matches decides (dpkg(1), fnmatch(3) without flags).
 */
export function readExclusions(tree: Tree, read: ReadFile): (path: ByteString) => boolean {
  const rules = configurationFiles(tree).flatMap(file => rulesOf(fromBuffer(read(file))));
  return path => {
    const rule = rules.findLast(({ pattern }) => pattern.test(path));
    return rule?.excludes ?? false;
  };
}

interface Rule {
  readonly excludes: boolean;
  readonly pattern: RegExp;
}

/** Those names in dpkg.cfg.d that dpkg reads. */
const CONFIGURATION_NAME = /^[A-Za-z0-9_-]+$/;

function configurationFiles(tree: Tree): RegularFile[] {
  const main = lookupDirectory(tree, fromText('/etc/dpkg'));
  const parts = lookupDirectory(tree, fromText('/etc/dpkg/dpkg.cfg.d'));
  const names = [...(parts?.entries.keys() ?? [])].filter(name => CONFIGURATION_NAME.test(name)).sort();
  const nodes = [...names.map(name => parts?.entries.get(name)), main?.entries.get(fromText('dpkg.cfg'))];
  return nodes.filter((node): node is RegularFile => node?.kind === 'file');
}

function rulesOf(text: ByteString): Rule[] {
  return text.split('\n').flatMap(line => {
    const [, kind, value] = OPTION.exec(line.trim()) ?? [];
    if (kind === undefined || value === undefined) return [];
    return [{ excludes: kind === 'exclude', pattern: globPattern(value.replace(/^(["'])(.*)\1$/, '$2')) }];
  });
}

/** `*` and `?` also stand for slashes; several `*` in a row are one. */
function globPattern(glob: string): RegExp {
  const source = glob.replace(
    /\\(.)|\*+|\?|\[(!?)([^\]]+)\]|[.+^${}()|[\]\\/]/gs,
    (part, escaped, not, set) => {
      if (escaped !== undefined) return escaped.replace(/\W/, '\\$&');
      if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replace(/[\\^[\]]/g, '\\$&')}]`;
      return part.startsWith('*') ? '[^]*' : part === '?' ? '[^]' : `\\${part}`;
    },
  );
  return new RegExp(`^${source}$`);
}
