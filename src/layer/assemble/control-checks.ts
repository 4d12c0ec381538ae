import { type Field, fieldValue, refuse, type Stanza } from '../../formats/deb822/index.ts';

const BOOLEANS: readonly string[] = ['yes', 'no'];

/** Fields with few values, in any case (dpkg's fields.c). */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  Essential: BOOLEANS,
  Protected: BOOLEANS,
  'Multi-Arch': ['no', 'same', 'foreign', 'allowed'],
};

/** What dpkg writes into its status file and takes from no package. */
const OF_STATUS = ['Status', 'Config-Version', 'Triggers-Pending', 'Triggers-Awaited'];

/** Fields of relations, and those that take no alternatives. */
const RELATIONS = [
  'Depends',
  'Pre-Depends',
  'Recommends',
  'Suggests',
  'Enhances',
  'Breaks',
  'Conflicts',
  'Replaces',
  'Provides',
];
const WITHOUT_ALTERNATIVES = ['Breaks', 'Conflicts', 'Replaces', 'Provides', 'Enhances'];

/** Refuses what dpkg refuses in a package's control file, in its words. FormatError with the line. */
export function checkControl(control: Stanza): void {
  for (const field of control.fields.values())
    if (field.name.length < 2) fail(field, `user-defined field name '${field.name}' is too short`);
  // Elsewhere dpkg takes a field without a value.
  const last = [...control.fields.values()].at(-1);
  if (last?.value === '')
    fail(last, `end of file before value of field '${last.name}' (missing final newline)`);
  for (const name of OF_STATUS) {
    const field = fieldOf(control, name);
    if (field !== undefined) fail(field, `value for '${name}' field not allowed in this context`);
  }
  for (const [name, values] of Object.entries(VALUES)) {
    const field = fieldOf(control, name);
    if (field !== undefined && !values.includes(field.value.toLowerCase()))
      fail(field, `'${field.value}' is not allowed in '${name}' field: it takes ${values.join(', ')}`);
  }
  const multiArch = fieldOf(control, 'Multi-Arch');
  if (multiArch?.value.toLowerCase() === 'same' && fieldValue(control, 'Architecture') === 'all')
    fail(multiArch, "package has 'Multi-Arch: same' and is architecture all");
  checkRelations(control);
}

function checkRelations(control: Stanza): void {
  for (const name of RELATIONS) {
    const field = fieldOf(control, name);
    if (field === undefined) continue;
    if (WITHOUT_ALTERNATIVES.includes(name) && field.value.includes('|'))
      fail(field, `alternatives ('|') not allowed in '${name}' field`);
    if (name === 'Provides' && /\(\s*(?:<|>)/.test(field.value))
      fail(field, "only exact versions may be used for 'Provides' field");
  }
}

function fieldOf(control: Stanza, name: string): Field | undefined {
  return control.fields.get(name.toLowerCase());
}

function fail({ line }: Field, reason: string): never {
  return refuse(reason, line);
}
