import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { codeDigests } from '../../../scripts/code-digests.mjs';
import { cacheDirectory } from '../../support/places.ts';

/** Bundles a program of this folder, as the build does with the real one. Resolves to the script's path. */
export async function buildProgram(name: string): Promise<string> {
  // Inside the checkout, so that koffi is found.
  const outfile = join(cacheDirectory('test-programs'), `${name}.mjs`);
  // Two files of tests may build it at once.
  const aside = `${outfile}.${process.pid}`;
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outfile: aside,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    external: ['koffi'],
    define: { APT_LAYER_CODE: JSON.stringify(await codeDigests()) },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  renameSync(aside, outfile);
  return outfile;
}
