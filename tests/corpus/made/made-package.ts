import fs from 'node:fs';
import path from 'node:path';
import { must } from '../../support/command.ts';
import { CHECKOUT } from '../../support/places.ts';

/** A package in a shape that vendors and tools make, by a recipe that makes any version of it. */
export interface MadePackage {
  /** Of the entry, and of the package. */
  readonly name: string;
  /** What made it; for one by hand, what it is made after. */
  readonly by: string;
  /** The defect, report or habit it stands for. */
  readonly stands: string;
  /** What bash runs after prelude.sh. */
  readonly recipe: string;
  /** Where both refuse it, at the first or the second version: words that both say, or those of dpkg and of the program. */
  readonly refused?: string | readonly [theirs: string, ours: string];
  /** Where the program decides otherwise than dpkg, and why. */
  readonly otherwise?: string;
  /** What is different after a step and stays so, by step and path as `v1 /etc/x`, and why. */
  readonly known?: readonly { readonly path: RegExp; readonly reason: string }[];
}

export const VERSIONS = ['1.0', '2.0'] as const;

const PRELUDE = `${CHECKOUT}/tests/corpus/made/prelude.sh`;

/** A list of entries, without the quotation marks: `[name, by, stands, recipe, more]`. */
export function made(
  ...rows: readonly (readonly [
    name: string,
    by: string,
    stands: string,
    recipe: string,
    more?: Partial<MadePackage>,
  ])[]
): MadePackage[] {
  return rows.map(([name, by, stands, recipe, more]) => ({ name, by, stands, recipe, ...more }));
}

/** Makes one version in a directory of its own and resolves to its path. */
export async function makePackage(
  { name, recipe }: MadePackage,
  version: string,
  { directory, tools }: { readonly directory: string; readonly tools: string },
): Promise<string> {
  const place = path.join(directory, `${name}-${version}`, name);
  const deb = path.join(directory, `${name}_${version}.deb`);
  fs.mkdirSync(place, { recursive: true });
  await must('bash', ['-c', `source ${PRELUDE}\n${recipe}`], {
    cwd: place,
    env: { NAME: name, VERSION: version, OUT: deb, TOOLS: tools, SOURCE_DATE_EPOCH: '1704067200' },
  });
  fs.rmSync(path.dirname(place), { recursive: true, force: true });
  return deb;
}
