import { FormatError } from '../../errors/index.ts';

export type RelationOperator = '<<' | '<=' | '=' | '>=' | '>>';

/** A build profile or architecture that must, or must not, be there. */
export interface Restriction {
  readonly negated: boolean;
  readonly name: string;
}

/** One alternative of a dependency (deb-control(5), "Depends"; deb-src-control(5) for the last two). */
export interface Relation {
  readonly name: string;
  /** Behind the colon: `any`, `native` or an architecture. */
  readonly architectureQualifier?: string;
  readonly version?: { readonly operator: RelationOperator; readonly version: string };
  /** `[amd64 !i386]` */
  readonly architectures?: readonly Restriction[];
  /** `<!nocheck !cross> <stage1>`: one of the groups must hold in full. */
  readonly profiles?: readonly (readonly Restriction[])[];
}

/** All of the outer list are needed, and of each inner list one. */
export type Relations = readonly (readonly Relation[])[];

/** `<` and `>` are old spellings of `<=` and `>=`: dpkg still reads them so. */
const OPERATORS: Readonly<Record<string, RelationOperator>> = {
  '<<': '<<',
  '<=': '<=',
  '=': '=',
  '>=': '>=',
  '>>': '>>',
  '<': '<=',
  '>': '>=',
};

const BLANKS = /[ \t\r\n]*/y;
/** As dpkg reads names: archives outside Debian have capitals and underscores. */
const NAME = /[A-Za-z0-9][A-Za-z0-9+._-]*/y;
const QUALIFIER = /:([a-z0-9][a-z0-9-]*)/y;
const OPERATOR = /<<|<=|<|>>|>=|>|=/y;
const VERSION = /[0-9A-Za-z.+~:-]+/y;
const RESTRICTION = /(!?)([A-Za-z0-9][A-Za-z0-9+.-]*)/y;

interface Cursor {
  readonly text: string;
  at: number;
}

/** The same of a field that dpkg does not look at: what a maintainer wrote there need not be right, and is no relation then. */
export function relationsIfRight(value: string): Relations {
  try {
    return parseRelations(value);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return [];
  }
}

/**
 * A relationship field: `Depends`, `Provides`, `Conflicts`, `Build-Depends` and the like. Commas between dependencies, `|`
 * between alternatives. An empty value is no dependency; empty ones between commas are refused, as by dpkg.
 * FormatError with the column.
 */
export function parseRelations(value: string): Relations {
  const cursor: Cursor = { text: value, at: 0 };
  skipBlanks(cursor);
  if (cursor.at === value.length) return [];
  const dependencies: Relation[][] = [];
  do {
    const alternatives: Relation[] = [];
    do alternatives.push(parseRelation(cursor));
    while (take(cursor, '|'));
    dependencies.push(alternatives);
  } while (take(cursor, ','));
  if (cursor.at < value.length) fail(cursor, 'a comma or | is missing');
  return dependencies;
}

function parseRelation(cursor: Cursor): Relation {
  skipBlanks(cursor);
  const name = match(cursor, NAME)?.[0] ?? fail(cursor, 'a package name is missing');
  const qualifier = match(cursor, QUALIFIER)?.[1];
  skipBlanks(cursor);
  const version = take(cursor, '(') ? parseVersionPart(cursor) : undefined;
  const architectures = take(cursor, '[') ? parseRestrictions(cursor, ']') : undefined;
  const profiles: Restriction[][] = [];
  while (take(cursor, '<')) profiles.push(parseRestrictions(cursor, '>'));
  return {
    name,
    ...(qualifier !== undefined && { architectureQualifier: qualifier }),
    ...(version !== undefined && { version }),
    ...(architectures !== undefined && { architectures }),
    ...(profiles.length > 0 && { profiles }),
  };
}

function parseVersionPart(cursor: Cursor): NonNullable<Relation['version']> {
  skipBlanks(cursor);
  const operator =
    OPERATORS[match(cursor, OPERATOR)?.[0] ?? ''] ?? fail(cursor, 'a relation such as >= is missing');
  skipBlanks(cursor);
  const version = match(cursor, VERSION)?.[0] ?? fail(cursor, 'a version is missing');
  if (!take(cursor, ')')) fail(cursor, 'a closing ) is missing');
  return { operator, version };
}

function parseRestrictions(cursor: Cursor, close: string): Restriction[] {
  const restrictions: Restriction[] = [];
  while (!take(cursor, close)) {
    const [, sign, name] = match(cursor, RESTRICTION) ?? fail(cursor, `a name or ${close} is missing`);
    restrictions.push({ negated: sign === '!', name: name! });
  }
  return restrictions.length > 0 ? restrictions : fail(cursor, 'an empty list');
}

/** Takes `character` and the blanks around it, if it is next. */
function take(cursor: Cursor, character: string): boolean {
  skipBlanks(cursor);
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at += 1;
  skipBlanks(cursor);
  return true;
}

function skipBlanks(cursor: Cursor): void {
  match(cursor, BLANKS);
}

function match(cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text);
  if (found === null) return undefined;
  cursor.at = pattern.lastIndex;
  return found;
}

function fail({ text, at }: Cursor, reason: string): never {
  const near = at < text.length ? ` at ${JSON.stringify(text.slice(at, at + 40))}` : ' at the end';
  throw new FormatError(
    'relationship field',
    reason + near,
    { column: at + 1 },
    {
      hint: 'deb-control(5) describes it: NAME[:ARCH] [(>= VERSION)] [| OTHER], ...',
    },
  );
}

/** The field's value, spelled as dpkg does. */
export function serializeRelations(relations: Relations): string {
  return relations.map(alternatives => alternatives.map(serializeRelation).join(' | ')).join(', ');
}

function serializeRelation({
  name,
  architectureQualifier,
  version,
  architectures,
  profiles = [],
}: Relation): string {
  const list = (restrictions: readonly Restriction[]) =>
    restrictions.map(({ negated, name: item }) => `${negated ? '!' : ''}${item}`).join(' ');
  return [
    architectureQualifier === undefined ? name : `${name}:${architectureQualifier}`,
    ...(version === undefined ? [] : [`(${version.operator} ${version.version})`]),
    ...(architectures === undefined ? [] : [`[${list(architectures)}]`]),
    ...profiles.map(group => `<${list(group)}>`),
  ].join(' ');
}
