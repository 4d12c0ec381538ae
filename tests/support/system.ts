import fs from 'node:fs';
import type { Archive } from './archive.ts';
import { unpackMinbase } from './base.ts';
import { must } from './command.ts';
import { aptLayerMust } from './program.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary.ts';

/** A sysroot with a minimal Debian deployed whose only apt source is a test's own archive: no network is used. */
export interface LocalSystem extends AsyncDisposable {
  readonly directory: TemporaryDirectory;
  /** The prepared sysroot: not to be changed; work on a `copy`. */
  readonly pristine: string;
  /** The root that was imported, for the oracle. */
  readonly root: string;
  /** A sysroot of its own for one test. */
  copy(name: string): Promise<string>;
  /** Writes a spec and returns its path. */
  spec(name: string, text: string): string;
}

/** The `repositories:` block of a spec for an archive, signed by its key. */
export function repositories(archive: Archive): string {
  const key = archive.key.armored.trim().replaceAll('\n', '\n      ');
  return `repositories:
  - name: test
    uris: ["${archive.url}"]
    suites: [${archive.suite}]
    components: [main]
    signed-by: |
      ${key}
`;
}

export async function localSystem(archive: Archive): Promise<LocalSystem> {
  const directory = temporaryDirectory('system');
  const root = directory.join('root');
  await unpackMinbase(root);
  fs.rmSync(`${root}/etc/apt/sources.list`, { force: true });
  fs.rmSync(`${root}/etc/apt/sources.list.d`, { recursive: true, force: true });
  fs.mkdirSync(`${root}/etc/apt/sources.list.d`);
  const pristine = directory.join('pristine');
  const spec = (name: string, text: string) => {
    const path = directory.join(`${name}.yaml`);
    fs.writeFileSync(path, text);
    return path;
  };
  await aptLayerMust(pristine, ['image', 'import', root, '--ref', 'min']);
  const base = spec('base', `name: test\nbase-image: local://min\n${repositories(archive)}`);
  await aptLayerMust(pristine, ['compose', 'tree', base]);
  return {
    directory,
    pristine,
    root,
    spec,
    async copy(name) {
      const sysroot = directory.join(name);
      await must('cp', ['--archive', '--reflink=auto', pristine, sysroot]);
      return sysroot;
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** What a failed change must leave as it was: deployments in order, and every ref but those of imported packages. */
export function stateOf(sysroot: string): string {
  const order = fs.existsSync(`${sysroot}/state/boot.json`)
    ? fs.readFileSync(`${sysroot}/state/boot.json`, 'utf8')
    : '';
  const deployments = fs.existsSync(`${sysroot}/state/deploy`)
    ? fs.readdirSync(`${sysroot}/state/deploy`).sort()
    : [];
  const refs = fs.existsSync(`${sysroot}/composefs/images/refs`)
    ? fs
        .readdirSync(`${sysroot}/composefs/images/refs`, { recursive: true, encoding: 'utf8' })
        .filter(name => !/^deb(\/|$)/.test(name))
        .sort()
    : [];
  return JSON.stringify({ order, deployments, refs });
}
