import { FormatError } from '../../errors/index.ts';
import { type AptSource, parseSignedBy } from './source.ts';

/** Names of one-line options that differ from those of .sources files. */
const OPTION_NAMES: Readonly<Record<string, string>> = {
  arch: 'architectures',
  lang: 'languages',
  target: 'targets',
};

/**
 * One line of a .list file (sources.list(5), one-line style): `deb [OPTION=VALUE ...] URI SUITE COMPONENT...`.
 * Undefined for a blank line or a comment. Throws FormatError for a line that apt would refuse.
 */
export function parseSourceLine(text: string, line: number): AptSource | undefined {
  const content = text.replace(/#.*$/, '').trim();
  if (content === '') return undefined;
  const fail = (reason: string): never => {
    throw new FormatError('sources.list', reason, { line });
  };
  const match = /^(deb|deb-src)\s+(?:\[([^\]]*)\]\s*)?(.*)$/.exec(content);
  if (match === null) return fail('does not begin with deb or deb-src');
  const [uri, suite, ...components] = splitWords(match[3] ?? '');
  if (uri === undefined || !/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(uri)) return fail('has no address');
  if (suite === undefined) return fail('has no suite');
  if (suite.endsWith('/') !== (components.length === 0))
    return fail(components.length === 0 ? 'has no components' : 'has components after a path');
  const { architectures = '', 'signed-by': signedBy = '', ...options } = parseOptions(match[2] ?? '', fail);
  return {
    types: [match[1] ?? 'deb'],
    uris: [uri],
    suites: [suite],
    components,
    signedBy: parseSignedBy(signedBy),
    architectures: architectures.split(',').filter(name => name !== ''),
    options,
  };
}

/** Words separated by blanks; inside `[...]` (addresses of CD-ROMs) and quotes, blanks belong to the word. */
function splitWords(text: string): string[] {
  return text.match(/(?:\[[^\]]*\]|"[^"]*"|[^\s["]|["[])+/g)?.map(word => word.replaceAll('"', '')) ?? [];
}

function parseOptions(text: string, fail: (reason: string) => never): Record<string, string> {
  const options: Record<string, string> = Object.create(null);
  for (const word of text.split(/\s+/).filter(part => part !== '')) {
    const match = /^([A-Za-z0-9-]+?)[+-]?=(.*)$/.exec(word);
    if (match === null) return fail(`has an option without a value: ${word}`);
    const name = (match[1] ?? '').toLowerCase();
    options[OPTION_NAMES[name] ?? name] = match[2] ?? '';
  }
  return options;
}
