export { parseSourceLine } from './one-line.ts';
export { renderSources } from './render.ts';
export {
  type AptSource,
  insecureOption,
  parseSignedBy,
  type SignedBy,
  type SourceOrigin,
} from './source.ts';
export { parseSourceStanza, splitSourceStanzas } from './stanzas.ts';
