// Digests of the code that decides what is in images. They are part of the keys under which the program finds what it made before, so that a
// rule that changed reaches everything that was made by it, and nothing else is made again.
import { createHash } from 'node:crypto';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));

/** What each digest is of: the named exports with all that they reach. */
const CODE = {
  // The image of one .deb.
  package: { 'src/layer/package/import-one.ts': ['importOne'] },
  // The image of one layer of an OCI image.
  layer: { 'src/oci/import-layer.ts': ['importLayer'] },
  // A stage: a base with packages, before anything else of a spec.
  packages: {
    'src/compose/build/prepared.ts': ['plainBase'],
    'src/compose/build/one-stage.ts': ['stageTree'],
    'src/compose/build/install.ts': ['installOptions'],
  },
  // An initramfs.
  initramfs: { 'src/layer/finish/initramfs/make.ts': ['withInitramfs'] },
  // All of an image.
  image: {
    'src/compose/build/prepared.ts': ['preparedBase'],
    'src/compose/build/run-build.ts': ['runBuild'],
  },
  // A base that is made of an archive.
  base: { 'src/layer/bootstrap/bootstrap.ts': ['bootstrap'] },
  // What refuses a build, and is no part of its result.
  judge: {
    'src/compose/build/scripts-policy.ts': ['judgeScripts', 'modeOf'],
    'src/layer/validate/validate.ts': ['validateImage'],
    'src/layer/validate/report.ts': ['reportFindings'],
  },
};

/** What carries bytes, finds them or tells of them, and decides none. */
const DECIDES_NOTHING = [
  // What people are told.
  /^src\/errors\//,
  /^src\/report\//,
  /^src\/apt\/fail(?:ing|ure)/,
  // What is fetched is held against its hash, and what apt answers is in the lock.
  /^src\/apt\/(?:fetch\/|lists\/|(?:fetch-[a-z]+|resolve|binary-cache|acquire-options|host-apt|host-sources|image-sources)\.ts)/,
  /^src\/layer\/(?:resolve|metadata|image-archives)\.ts/,
  // The text of a spec or of a lock becomes a value that is part of the key itself.
  /^src\/compose\/(?:spec|lock)\//,
  // How much it may take: what is ended by that fails, and the limits themselves are the machine's.
  /^src\/sandbox\/(?:control-group|cgroup-places|limits)\.ts/,
  // Who does the work, not what it is.
  /^src\/threads\//,
  /^src\/host\//,
];

/** Judging is no part of the result: it is a digest of its own. */
const JUDGES = [/^src\/layer\/(?:scripts|validate)\//, /^src\/compose\/build\/scripts-policy\.ts/];

/**
 * The digests by name, in hexadecimal, of the code in `checkout`. They do not depend on where that is, nor on comments, types and formatting,
 * nor on code that is imported and not used.
 */
export async function codeDigests(checkout = CHECKOUT, options = {}) {
  const bundles = await codeBundles(checkout, options);
  return Object.fromEntries(
    Object.entries(bundles).map(([name, { text }]) => [
      name,
      createHash('sha256').update(text).digest('hex'),
    ]),
  );
}

/** What the digests are taken of: by name the minified text, and the files that it has anything of. `plugins` of esbuild come first. */
export async function codeBundles(checkout = CHECKOUT, { plugins = [] } = {}) {
  const bundles = await Promise.all(
    Object.entries(CODE).map(async ([name, exports]) => {
      const left = name === 'judge' ? DECIDES_NOTHING : [...DECIDES_NOTHING, ...JUDGES];
      return [name, await bundle(checkout, { exports, left, plugins })];
    }),
  );
  return Object.fromEntries(bundles);
}

async function bundle(checkout, { exports, left, plugins }) {
  const contents = Object.entries(exports)
    .map(
      ([file, names]) =>
        `export { ${names.map(name => `${name} as ${name}_`).join(', ')} } from './${file}';`,
    )
    .join('\n');
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: checkout, loader: 'ts' },
    absWorkingDir: resolve(checkout),
    bundle: true,
    minifySyntax: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    // A native addon: it calls what the system has.
    external: ['koffi'],
    legalComments: 'none',
    plugins: [...plugins, without(checkout, left)],
    write: false,
    metafile: true,
    logLevel: 'warning',
  });
  // Names become short only now that types and what nobody uses are gone: which are taken depends on how often each letter is in the text.
  const text = outputFiles.map(file => file.text).join('\n');
  const inputs = Object.values(metafile.outputs).flatMap(output => Object.entries(output.inputs));
  return {
    text: (await transform(text, { minify: true, format: 'esm' })).code,
    files: inputs
      .filter(([file, { bytesInOutput }]) => bytesInOutput > 0 && file !== '<stdin>')
      .map(([file]) => file),
  };
}

/** Leaves modules out: what is taken from them stays an import of a name. No module does anything but by what it exports. */
function without(checkout, patterns) {
  return {
    name: 'without',
    setup(builder) {
      builder.onResolve({ filter: /^\./ }, ({ resolveDir, path }) => {
        const file = relative(checkout, resolve(resolveDir, path));
        if (!file.startsWith('src/')) return undefined;
        return patterns.some(pattern => pattern.test(file))
          ? { path: file, external: true, sideEffects: false }
          : { path: resolve(checkout, file), sideEffects: false };
      });
    },
  };
}
