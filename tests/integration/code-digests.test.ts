import fs from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeBundles, codeDigests } from '../../scripts/code-digests.mjs';
import { type Archive, archive } from '../support/archive.ts';
import { must } from '../support/command.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories } from '../support/system.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** Gives every module of the source another text. */
function edited(edit: (file: string, text: string) => string): Plugin {
  return {
    name: 'edited',
    setup(builder) {
      builder.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
        const contents = edit(path.relative(CHECKOUT, file), fs.readFileSync(file, 'utf8'));
        return { contents, loader: 'ts' };
      });
    },
  };
}

/** The names of those digests that are other ones when a module has another text. */
async function changedBy(file: string, edit: (text: string) => string): Promise<string[]> {
  let found = 0;
  const plugin = edited((name, text) => {
    if (name !== file) return text;
    const after = edit(text);
    if (after !== text) found += 1;
    return after;
  });
  const after = await codeDigests(CHECKOUT, { plugins: [plugin] });
  const before = await digests;
  if (fs.existsSync(path.join(CHECKOUT, file)) === false) throw new Error(`there is no ${file}`);
  const names = Object.entries(after).filter(
    ([name, digest]) => before[name as keyof typeof before] !== digest,
  );
  // Where the edit did nothing, that nothing is other would say nothing.
  if (found === 0 && names.length > 0) throw new Error(`${file} was not edited`);
  return names.map(([name]) => name).sort();
}

const digests = codeDigests();

/** The text of a module in which each function, and each string that is no type, names the module. */
function marked(file: string, text: string): string {
  const mark = `@${file}@`;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const { factory } = ts;
  const statement = () =>
    factory.createExpressionStatement(
      factory.createCallExpression(factory.createIdentifier('mark'), undefined, [
        factory.createStringLiteral(mark),
      ]),
    );
  const transform: ts.TransformerFactory<ts.SourceFile> = context => root => {
    const visit = (node: ts.Node): ts.Node => {
      if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node;
      if (ts.isStringLiteralLike(node) && !ts.isBinaryExpression(node.parent)) {
        const isName = 'name' in node.parent && node.parent.name === node;
        return isName ? node : factory.createStringLiteral(node.text + mark);
      }
      // Only where it is used: a call without effect goes with what nobody uses.
      if (ts.isNumericLiteral(node) && !ts.isPropertyAssignment(node.parent))
        return ts.addSyntheticLeadingComment(
          factory.createCallExpression(factory.createIdentifier('mark'), undefined, [
            factory.createStringLiteral(mark),
          ]),
          ts.SyntaxKind.MultiLineCommentTrivia,
          ' @__PURE__ ',
        );
      const visited = ts.visitEachChild(node, visit, context);
      const isBody = ts.isBlock(visited) && node.parent !== undefined && ts.isFunctionLike(node.parent);
      return isBody ? factory.updateBlock(visited, [statement(), ...visited.statements]) : visited;
    };
    return ts.visitEachChild(root, visit, context);
  };
  const result = ts.transform(source, [transform]).transformed[0];
  if (result === undefined) throw new Error(`${file} has no source`);
  return ts.createPrinter().printFile(result);
}

describe('the digests of the code that makes images', () => {
  it('have something of every module that they are said to have', async () => {
    const plain = await codeBundles();
    const bundles = await codeBundles(CHECKOUT, { plugins: [edited(marked)] });
    for (const [name, { files }] of Object.entries(plain)) {
      const { text } = bundles[name as keyof typeof bundles];
      expect(files.length, name).toBeGreaterThan(40);
      // An index is only names.
      const without = files.filter(file => !file.endsWith('/index.ts') && !text.includes(`@${file}@`));
      expect(without, name).toEqual([]);
    }
  });

  it.each<[string, string, (text: string) => string, string[]]>([
    [
      'a secret',
      'src/layer/finish/secrets.ts',
      text => text.replace(/'\/(etc|var)\//, "'/srv/"),
      ['base', 'image', 'packages'],
    ],
    [
      'a place in the layout',
      'src/layer/finish/layout/table.ts',
      text => text.replace("'/var/lib/dpkg", "'/var/lib/xpkg"),
      ['base', 'image', 'packages'],
    ],
    [
      'what is removed after each package',
      'src/apt/dated-scripts.ts',
      text => text.replace("'fontconfig'", "'fontconfig2'"),
      ['base', 'image', 'packages'],
    ],
    [
      'how an archive is read',
      'src/formats/tar/header.ts',
      text => text.replaceAll('ustar', 'ustaR'),
      ['base', 'image', 'layer', 'package', 'packages'],
    ],
    [
      'what is forbidden to scripts',
      'src/layer/scripts/command-rules.ts',
      text => text.replace("'systemctl'", "'systemctl2'"),
      ['judge'],
    ],
    [
      'what is said of a failure',
      'src/errors/error.ts',
      text => `${text}\nexport const more = 'words';\n`,
      [],
    ],
    ['a verb', 'src/commands/layer.ts', text => `${text}\nconsole.log('more');\n`, []],
    [
      'a comment and a type',
      'src/layer/finish/volatile.ts',
      text => `// More.\n${text}\nexport interface Quizzy {\n  readonly jazz: 'quiz';\n}\n`,
      [],
    ],
    [
      'code that nothing here uses',
      'src/formats/tar/header.ts',
      text => `${text}\nexport function unused(): number {\n  return 1;\n}\n`,
      [],
    ],
  ])('change with %s as they should', async (_what, file, edit, expected) => {
    expect(edit(fs.readFileSync(path.join(CHECKOUT, file), 'utf8'))).not.toBe(
      fs.readFileSync(path.join(CHECKOUT, file), 'utf8'),
    );
    expect(await changedBy(file, edit)).toEqual(expected);
  });
});

describe('a program with another rule', () => {
  let repository: Archive;
  let system: LocalSystem;
  beforeAll(async () => {
    repository = await archive([
      { name: 'leaves', files: { '/usr/share/leaves/a': 'a', '/usr/share/leaves/b': 'b' } },
    ]);
    system = await localSystem(repository);
  });
  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
    await repository?.[Symbol.asyncDispose]();
  });

  it('builds anew what was built by the one before, and imports nothing again', async () => {
    await using elsewhere = temporaryDirectory('checkout');
    const checkout = elsewhere.join('a');
    fs.mkdirSync(checkout);
    for (const name of ['src', 'scripts', 'bin', 'bench', 'tests', 'package.json', 'tsconfig.json'])
      await must('cp', ['-a', path.join(CHECKOUT, name), checkout]);
    fs.symlinkSync(path.join(CHECKOUT, 'node_modules'), `${checkout}/node_modules`);
    // The place of a checkout is no part of them.
    expect(await codeDigests(checkout)).toEqual(await digests);
    const table = `${checkout}/src/apt/volatile.ts`;
    const text = fs.readFileSync(table, 'utf8');
    fs.writeFileSync(
      table,
      text.replace(/( = \[\n)/, "$1  { pattern: '/usr/share/leaves/a', action: 'remove-file' },\n"),
    );
    expect(fs.readFileSync(table, 'utf8')).not.toBe(text);
    await must(process.execPath, ['scripts/build.mjs'], { cwd: checkout });

    const sysroot = await system.copy('rule');
    const spec = system.spec(
      'rule',
      `name: test\nbase-image: local://min\nlayers: [leaves]\n${repositories(repository)}`,
    );
    const leaves = async () =>
      (await aptLayerMust(sysroot, ['run', '--', 'ls', '/usr/share/leaves'])).stdout
        .split('\n')
        .filter(Boolean);
    await aptLayerMust(sysroot, ['compose', 'tree', spec]);
    expect(await leaves()).toEqual(['a', 'b']);
    const refs = () => fs.readdirSync(`${sysroot}/composefs/images/refs/deb`);
    const imported = refs();
    await must(process.execPath, [
      `${checkout}/bin/apt-layer`,
      '--sysroot',
      sysroot,
      'compose',
      'tree',
      spec,
    ]);
    expect(await leaves()).toEqual(['b']);
    expect(refs()).toEqual(imported);
  });
});
