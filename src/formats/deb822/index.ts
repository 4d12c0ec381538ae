export { type Conffile, parseConffiles, serializeConffiles } from './conffiles.ts';
export { fieldLines, joinFieldLines, parseDescription, parseWords } from './lines.ts';
export { isArchitecture, isPackageName } from './names.ts';
export { createStanzaParser, parseStanza, parseStanzas, type StanzaParser } from './parser.ts';
export {
  parseRelations,
  type Relation,
  type RelationOperator,
  type Relations,
  type Restriction,
  relationsIfRight,
  serializeRelations,
} from './relations.ts';
export type { StanzaOptions } from './scan.ts';
export { type FieldPair, fieldPairs, serializeStanza } from './serializer.ts';
export { type Field, fieldValue, refuse, requiredValue, type Stanza } from './stanza.ts';
