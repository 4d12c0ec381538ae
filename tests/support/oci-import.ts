import { aptLayerMust } from './program.ts';

/** What `import --json` says of an image. */
interface Imported {
  readonly image: string;
  readonly entries: number;
  readonly labels: Record<string, string>;
}

/** Imports `oci:SOURCE` as `local://REF`, which must end well. */
export async function importLayout(
  sysroot: string,
  { source, ref }: { readonly source: string; readonly ref: string },
): Promise<Imported> {
  const done = await aptLayerMust(sysroot, ['import', `oci:${source}`, '--ref', ref, '--json']);
  return done.json() as Imported;
}
