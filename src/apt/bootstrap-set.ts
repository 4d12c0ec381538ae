import type { BootstrapVariant } from './bootstrap-plan.ts';

/** What a variant holds besides `Essential: yes`, as debootstrap and mmdebstrap have it. */
const PRIORITIES: Readonly<Record<BootstrapVariant, readonly string[]>> = {
  minbase: ['required'],
  buildd: ['required'],
  important: ['required', 'important'],
  standard: ['required', 'important', 'standard'],
};

const ALSO: Readonly<Partial<Record<BootstrapVariant, readonly string[]>>> = { buildd: ['build-essential'] };

/** The names of the packages that a variant asks for, from the text of `Packages` files. */
export function packagesOfVariant(indexes: readonly Buffer[], variant: BootstrapVariant): string[] {
  const marks = ['Essential: yes', ...PRIORITIES[variant].map(priority => `Priority: ${priority}`)];
  const names = new Set(ALSO[variant] ?? []);
  for (const index of indexes)
    for (const mark of marks) for (const name of packagesWith(index, mark)) names.add(name);
  return [...names].sort();
}

/** Packages with a field, found without parsing the other sixty thousand. */
function* packagesWith(index: Buffer, field: string): Generator<string> {
  const line = Buffer.from(`\n${field}\n`);
  for (let at = index.indexOf(line); at >= 0; at = index.indexOf(line, at + 1)) {
    const start = index.lastIndexOf('\n\n', at);
    const end = index.indexOf('\n\n', at);
    const stanza = index.toString('latin1', start < 0 ? 0 : start + 2, end < 0 ? index.length : end);
    const name = /^Package: ([a-z0-9][a-z0-9+._-]*)$/m.exec(stanza)?.[1];
    if (name !== undefined) yield name;
  }
}
