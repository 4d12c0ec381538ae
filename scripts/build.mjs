// Bundles the program into dist/. Only koffi stays outside: it carries a native addon.
import { readdirSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import { codeDigests } from './code-digests.mjs';

const { metafile } = await build({
  entryPoints: {
    'apt-layer': 'src/main.ts',
    worker: 'src/worker.ts',
    'bench/main': 'bench/main.ts',
    'differential/main': 'tests/differential/main.ts',
  },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  // A verb loads only the chunks it needs, and less text is parsed: half of the time to start is parsing.
  splitting: true,
  minifyWhitespace: true,
  minifySyntax: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  external: ['koffi'],
  define: { APT_LAYER_CODE: JSON.stringify(await codeDigests()) },
  // commander and yaml are CommonJS and call require() for node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
  sourcemap: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});

// Only now: a program of the build before may still be starting.
for (const name of readdirSync('dist', { recursive: true }))
  if (/\.mjs(\.map)?$/.test(name) && metafile.outputs[`dist/${name}`] === undefined) rmSync(`dist/${name}`);
