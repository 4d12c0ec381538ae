// The import direction of docs/architecture.md: a folder imports only folders of a lower level, through their index.ts.
const levels = [
  ['errors', 'code'],
  ['report', 'formats'],
  ['sys', 'process'],
  ['host'],
  ['fs', 'threads'],
  ['sandbox', 'transaction', 'configuration'],
  ['store', 'apt'],
  ['layer', 'boot', 'oci', 'vulnerabilities', 'sbom'],
  ['registry', 'engine'],
  ['deployment'],
  ['compose'],
  ['install', 'chunking'],
  ['app'],
  ['commands'],
  ['cli'],
];
const alternatives = folders => `^src/(${folders.join('|')})/`;

const direction = levels.flatMap((folders, level) => {
  const higher = levels.slice(level + 1).flat();
  const rules = [];
  if (higher.length > 0)
    rules.push({
      name: `level-${level}-${folders.join('-')}-imports-no-higher-level`,
      severity: 'error',
      from: { path: alternatives(folders) },
      to: { path: alternatives(higher) },
    });
  for (const folder of folders) {
    const siblings = folders.filter(other => other !== folder);
    if (siblings.length > 0)
      rules.push({
        name: `${folder}-imports-no-sibling`,
        severity: 'error',
        from: { path: `^src/${folder}/` },
        to: { path: alternatives(siblings) },
      });
  }
  return rules;
});

const folders = levels.flat().filter(name => name !== 'formats');
const entered = folders.map(folder => ({
  name: `${folder}-is-entered-through-its-index`,
  severity: 'error',
  from: { pathNot: [`^src/${folder}/`, '\\.test\\.ts$', '^src/worker\\.ts$', '^src/main\\.ts$'] },
  // A command is loaded on its own, so that starting one does not read them all.
  to: { path: `^src/${folder}/`, pathNot: [`^src/${folder}/index\\.ts$`, '^src/commands/'] },
}));

/** Packages and node modules that one folder alone may import. */
const only = (name, path, allowed) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: [...allowed, '\\.test\\.ts$'] },
  to: { path },
});
const not = (name, from, path) => ({
  name,
  severity: 'error',
  from: { path: from, pathNot: '\\.test\\.ts$' },
  to: { path },
});

module.exports = {
  forbidden: [
    ...direction,
    ...entered,
    // A verb's code, loaded when it runs, may ask the registry that names it; nothing else may go round.
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['dynamic-import'] } },
    },
    {
      name: 'formats-are-entered-through-their-index',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.test\\.ts$', '^src/formats/([^/]+)/'] },
      to: { path: '^src/formats/[^/]+/(?!index\\.ts$)' },
    },
    {
      name: 'formats-keep-apart',
      severity: 'error',
      from: { path: '^src/formats/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^src/formats/',
        pathNot: ['^src/formats/$1/', '^src/formats/(bytes|tree|verity)/index\\.ts$'],
      },
    },
    only('koffi-only-in-sys', '(^|/)node_modules/koffi/', ['^src/sys/']),
    only('child-process-only-in-process', '^(node:)?child_process$', ['^src/process/']),
    only('commander-only-in-cli', '(^|/)node_modules/commander/', ['^src/cli/']),
    only('yaml-only-in-compose-and-configuration', '(^|/)node_modules/yaml/', [
      '^src/(compose|configuration)/',
    ]),
    only('toml-only-in-deployment', '(^|/)node_modules/smol-toml/', ['^src/deployment/bootc-arguments']),
    only('zod-only-in-compose', '(^|/)node_modules/zod/', ['^src/compose/']),
    not(
      'formats-do-no-io',
      '^src/formats/',
      '^(node:)?(fs|child_process|net|http|https|worker_threads)(/|$)',
    ),
    not('commands-and-cli-do-not-touch-files', '^src/(commands|cli)/', '^(node:)?fs(/|$)'),
    {
      name: 'no-vague-names',
      severity: 'error',
      from: {},
      to: { path: '(^|/)(util|utils|helper|helpers|common|misc)(/|[.]ts$)', pathNot: 'node_modules' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
