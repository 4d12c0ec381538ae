import fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories } from '../support/system.ts';

/** Asks a question of its own and one that others share, and writes down what it was answered. */
const asking = (name: string) => ({
  name,
  depends: ['debconf'],
  control: {
    templates:
      `Template: ${name}/name\nType: string\nDefault: nobody\nDescription: A name\n\n` +
      'Template: shared-by/all\nType: string\nDefault: none\nDescription: A place\n',
  },
  scripts: {
    config:
      `. /usr/share/debconf/confmodule\ndb_input high ${name}/name || true\n` +
      'db_input high shared-by/all || true\ndb_go || true',
    postinst:
      `. /usr/share/debconf/confmodule\ndb_get ${name}/name\necho "$RET" >/etc/${name}\n` +
      `db_get shared-by/all\necho "$RET" >>/etc/${name}`,
  },
  files: { [`/usr/lib/${name}`]: { content: name, mode: 0o4755 } },
});

interface Lock {
  packages: { name: string }[];
}

let repository: Archive;
let system: LocalSystem;
let sysroot: string;
/** A store in which nothing has been built whenever it is used. */
let empty: string;
let lock: Lock;

beforeAll(async () => {
  repository = await archive([asking('one'), asking('two')]);
  system = await localSystem(repository);
  [sysroot, empty] = [await system.copy('keys'), await system.copy('empty')];
  const spec = specOf('plain', '');
  await aptLayerMust(sysroot, ['compose', 'lock', spec]);
  lock = JSON.parse(fs.readFileSync(`${spec}.lock.json`, 'utf8')) as Lock;
  await build(sysroot, 'first', '');
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await repository?.[Symbol.asyncDispose]();
});

function specOf(name: string, text: string): string {
  const layers = text.includes('layers:') ? '' : 'layers: [one, two]\n';
  return system.spec(
    name,
    `name: test\nbase-image: local://min\n${layers}${text}${repositories(repository)}`,
  );
}

/** Builds a spec with two stages; gives the image and the packages that were configured. */
async function build(
  where: string,
  name: string,
  text: string,
): Promise<{ image: string; configured: string[] }> {
  const spec = specOf(name, text);
  const packages = lock.packages.map(one => ({ ...one, stage: one.name === 'two' ? 2 : 1 }));
  const removed = text.includes('remove:') ? { removed: ['tzdata'] } : {};
  fs.writeFileSync(`${spec}.lock.json`, JSON.stringify({ ...lock, version: 3, packages, ...removed }));
  const transactions = `${where}/state/transactions`;
  const before = new Set(fs.readdirSync(transactions));
  const command = ['--json', 'compose', 'tree', '--locked', '--no-deploy', spec];
  const { image } = (await aptLayerMust(where, command)).json() as { image: string };
  const said = fs
    .readdirSync(transactions)
    .filter(one => !before.has(one))
    .map(one => `${transactions}/${one}/log`)
    .filter(one => fs.existsSync(one))
    .map(one => fs.readFileSync(one, 'utf8'))
    .join('');
  const configured = [...said.matchAll(/^Setting up (\S+) /gm)].map(([, found = '']) => found);
  return { image, configured: [...new Set(configured)] };
}

const NONE: string[] = [];
const SECOND = ['two'];
const BOTH = ['one', 'two'];

it.each<[string, string, string[]]>([
  ['files', 'files: [{path: /etc/greeting, content: hello}]\n', NONE],
  ['groups', 'groups: [{name: makers, gid: 4321}]\n', NONE],
  ['users', 'users: [{name: maker, uid: 4321, shell: /bin/sh}]\n', NONE],
  ['scripts', 'scripts: [{name: touch, run: touch /usr/share/touched}]\n', NONE],
  ['kernel-arguments', 'kernel-arguments: [quiet]\n', NONE],
  ['labels', 'labels: {org.example.team: base}\n', NONE],
  ['security', 'security: {verity: require}\n', NONE],
  ['holds', 'holds: [one]\n', NONE],
  ['pins', 'pins: [{packages: ["*"], pin: "release o=Elsewhere", priority: -1}]\n', NONE],
  ['recommends', 'recommends: false\n', NONE],
  ['multi-arch without a package', 'multi-arch: {enabled: true, architectures: [i386]}\n', NONE],
  ['the order of layers', 'layers: [two, one]\n', NONE],
  ['an answer that nobody asks for yet', 'debconf: ["three three/name string later"]\n', NONE],
  ['an answer of the second stage', 'debconf: ["two two/name string me"]\n', SECOND],
  ['an answer of the first stage', 'debconf: ["one one/name string me"]\n', BOTH],
  ['a shared answer', 'debconf: ["two shared-by/all string here"]\n', BOTH],
  ['an answer of the base', 'debconf: ["debconf debconf/priority select critical"]\n', BOTH],
  ['metadata', 'metadata: {preserve-permissions: false}\n', BOTH],
  [
    'a policy of the second stage',
    'layers: [one, {package: two, metadata: {preserve-permissions: false}}]\n',
    SECOND,
  ],
  [
    'a policy of the first stage',
    'layers: [{package: one, metadata: {preserve-permissions: false}}, two]\n',
    BOTH,
  ],
  ['a removal from the base', 'remove: [tzdata]\n', BOTH],
])(
  '%s: an edit makes anew what it may change, and gives what an empty store gives',
  async (name, text, expected) => {
    const { image, configured } = await build(sysroot, name.replaceAll(' ', '-'), text);
    expect(configured).toEqual(expected);
    for (const made of ['build', 'stage'])
      fs.rmSync(`${empty}/composefs/images/refs/${made}`, { recursive: true, force: true });
    const again = await build(empty, name.replaceAll(' ', '-'), text);
    expect(again.configured).toEqual(BOTH);
    expect(again.image).toBe(image);
  },
  300_000,
);
