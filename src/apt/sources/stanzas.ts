import { FormatError } from '../../errors/index.ts';
import { type AptSource, parseSignedBy } from './source.ts';

/** One stanza, its field names in lower case and the lines of a value joined by `\n`. */
export interface SourceStanza {
  readonly line: number;
  readonly fields: ReadonlyMap<string, string>;
}

const KNOWN = new Set(['types', 'uris', 'suites', 'components', 'architectures', 'signed-by', 'enabled']);

/**
 * Splits a .sources file into stanzas. Lines that begin with `#` are comments, also inside a stanza. `onError` hears of
 * each line that is no field, and its stanza is dropped: half of a source could mean something else.
 */
export function splitSourceStanzas(text: string, onError: (error: FormatError) => void): SourceStanza[] {
  const stanzas: SourceStanza[] = [];
  let fields = new Map<string, string>();
  let start = 0;
  let last: string | undefined;
  let broken = false;
  const finish = () => {
    if (fields.size > 0 && !broken) stanzas.push({ line: start, fields });
    fields = new Map();
    broken = false;
    last = undefined;
  };
  text.split(/\r?\n/).forEach((content, index) => {
    if (content.startsWith('#')) return;
    if (content.trim() === '') {
      finish();
      return;
    }
    const continued = /^[ \t]/.test(content) && last !== undefined;
    const match = /^([!-9;-~]+):[ \t]*(.*)$/.exec(content);
    const name = continued ? (last ?? '') : (match?.[1]?.toLowerCase() ?? '');
    if (name === '' || (!continued && fields.has(name))) {
      broken = true;
      const reason = name === '' ? 'is not a field' : `has the field ${match?.[1]} a second time`;
      onError(new FormatError('.sources file', reason, { line: index + 1 }));
      return;
    }
    if (fields.size === 0) start = index + 1;
    fields.set(name, continued ? `${fields.get(name)}\n${content.trim()}` : (match?.[2] ?? '').trim());
    last = name;
  });
  finish();
  return stanzas;
}

/** The source a stanza describes; undefined when it is switched off. Throws FormatError for what apt would refuse. */
export function parseSourceStanza(stanza: SourceStanza): AptSource | undefined {
  const fail = (reason: string): never => {
    throw new FormatError('.sources file', reason, { line: stanza.line });
  };
  const words = (name: string) => (stanza.fields.get(name) ?? '').split(/[\s]+/).filter(word => word !== '');
  if (/^(?:no|false|0|off|without|disable)$/i.test(stanza.fields.get('enabled') ?? '')) return undefined;
  const types = words('types');
  const uris = words('uris');
  const suites = words('suites');
  const components = words('components');
  if (types.length === 0) return fail('has no Types');
  if (types.some(type => type !== 'deb' && type !== 'deb-src'))
    return fail(`has unknown Types: ${types.join(' ')}`);
  if (uris.length === 0) return fail('has no URIs');
  if (suites.length === 0) return fail('has no Suites');
  if (components.length === 0 && suites.some(suite => !suite.endsWith('/'))) return fail('has no Components');
  return {
    types,
    uris,
    suites,
    components,
    signedBy: parseSignedBy(stanza.fields.get('signed-by') ?? ''),
    architectures: words('architectures'),
    options: Object.fromEntries(
      [...stanza.fields].filter(([name]) => !KNOWN.has(name) && !name.startsWith('x-')),
    ),
  };
}
