import fs from 'node:fs';
import path from 'node:path';
import { must } from './command.ts';
import { buildDeb, type DebDescription } from './deb.ts';
import { type FileServer, fileServer } from './file-server.ts';
import { type SigningKey, signingKey } from './signing-key.ts';
import { temporaryDirectory } from './temporary.ts';

/**
 * How the Release file is signed: by the key in `sources`, not at all, by a key that nobody trusts, or well but
 * with a `Valid-Until` that has passed.
 */
export type ArchiveSigning = 'good' | 'none' | 'other-key' | 'expired';

export interface ArchiveOptions {
  /** Default `test`. */
  readonly suite?: string;
  /** Default `Test`; what apt shows as the label and pins by (`release o=`). */
  readonly origin?: string;
  /** Default amd64 and i386. Packages of architecture `all` are in each. */
  readonly architectures?: readonly string[];
  /** Default `good`. */
  readonly signing?: ArchiveSigning;
  /** That of another archive; its own by default. */
  readonly key?: SigningKey;
}

/** A package to publish: a description to build, or the path of a .deb named NAME_VERSION_ARCH.deb. */
export type Published = DebDescription | string;

/** An apt repository on 127.0.0.1. */
export interface Archive extends AsyncDisposable {
  readonly server: FileServer;
  readonly url: string;
  readonly suite: string;
  /** What is served; a test may change files in it. */
  readonly directory: string;
  readonly key: SigningKey;
  /** A deb822 stanza for sources.list.d that trusts `key` inline, whatever the archive is signed with. */
  readonly sources: string;
  /** Adds packages to a component and signs anew, as a mirror update does; what was published stays. */
  publish(packages: readonly Published[], component?: string): Promise<void>;
  /** Takes every version of these packages away and signs anew. */
  withdraw(...names: string[]): Promise<void>;
}

/** Publishes `packages` in component `main` of a new repository. */
export async function archive(
  packages: readonly Published[],
  options: ArchiveOptions = {},
): Promise<Archive> {
  const directory = temporaryDirectory('archive');
  const held: AsyncDisposable[] = [directory];
  const dispose = async () => {
    for (const one of held.splice(0).reverse()) await one[Symbol.asyncDispose]();
  };
  const hold = <T extends AsyncDisposable>(one: T): T => {
    held.push(one);
    return one;
  };
  try {
    const key = options.key ?? hold(await signingKey());
    const signer =
      options.signing === 'other-key' ? hold(await signingKey('Somebody <else@example.org>')) : key;
    const plan: Plan = {
      directory: directory.path,
      suite: options.suite ?? 'test',
      origin: options.origin ?? 'Test',
      architectures: options.architectures ?? ['amd64', 'i386'],
      signing: options.signing ?? 'good',
      signer,
    };
    await publish(plan, packages, 'main');
    const server = hold(await fileServer(directory.path));
    return {
      server,
      url: server.url,
      suite: plan.suite,
      directory: directory.path,
      key,
      get sources() {
        return sourcesStanza(server.url, plan, key.armored);
      },
      publish: (added, component = 'main') => publish(plan, added, component),
      withdraw: (...names) => withdraw(plan, names),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

interface Plan extends Required<Omit<ArchiveOptions, 'key'>> {
  readonly directory: string;
  readonly signer: SigningKey;
}

const DAY_SECONDS = 86_400;

async function publish(plan: Plan, packages: readonly Published[], component: string): Promise<void> {
  for (const one of packages) {
    const name = typeof one === 'string' ? (path.basename(one).split('_')[0] ?? '') : one.name;
    const pool = path.join(plan.directory, 'pool', component, name);
    fs.mkdirSync(pool, { recursive: true });
    if (typeof one === 'string') fs.copyFileSync(one, path.join(pool, path.basename(one)));
    else await buildDeb(one, pool);
  }
  fs.mkdirSync(path.join(plan.directory, 'pool', component), { recursive: true });
  await writeIndexes(plan);
}

async function withdraw(plan: Plan, names: readonly string[]): Promise<void> {
  for (const component of components(plan.directory))
    for (const name of names)
      fs.rmSync(path.join(plan.directory, 'pool', component, name), { recursive: true, force: true });
  await writeIndexes(plan);
}

function components(directory: string): string[] {
  return fs.readdirSync(path.join(directory, 'pool')).sort();
}

async function writeIndexes(plan: Plan): Promise<void> {
  const dist = path.join(plan.directory, 'dists', plan.suite);
  fs.rmSync(dist, { recursive: true, force: true });
  for (const component of components(plan.directory))
    for (const architecture of plan.architectures) {
      const directory = path.join(dist, component, `binary-${architecture}`);
      const text = await must('apt-ftparchive', ['--arch', architecture, 'packages', `pool/${component}`], {
        cwd: plan.directory,
      });
      fs.mkdirSync(directory, { recursive: true });
      fs.writeFileSync(path.join(directory, 'Packages'), text);
      await must('xz', ['--keep', '-0', path.join(directory, 'Packages')]);
    }
  await signRelease(plan, dist, await releaseText(plan));
}

async function releaseText(plan: Plan): Promise<string> {
  const field = (name: string, value: string) => ['-o', `APT::FTPArchive::Release::${name}=${value}`];
  const text = await must(
    'apt-ftparchive',
    [
      ...field('Origin', plan.origin),
      ...field('Label', plan.origin),
      ...field('Suite', plan.suite),
      ...field('Codename', plan.suite),
      ...field('Architectures', plan.architectures.join(' ')),
      ...field('Components', components(plan.directory).join(' ')),
      'release',
      `dists/${plan.suite}`,
    ],
    { cwd: plan.directory },
  );
  if (plan.signing !== 'expired') return text;
  const date = (days: number) => new Date(Date.now() - days * DAY_SECONDS * 1000).toUTCString();
  return text.replace(/^Date: .*$/m, `Date: ${date(10)}\nValid-Until: ${date(3)}`);
}

async function signRelease(plan: Plan, dist: string, text: string): Promise<void> {
  fs.writeFileSync(path.join(dist, 'Release'), text);
  if (plan.signing === 'none') return;
  fs.writeFileSync(path.join(dist, 'Release.gpg'), await plan.signer.detachSign(text));
  fs.writeFileSync(path.join(dist, 'InRelease'), await plan.signer.clearSign(text));
}

function sourcesStanza(url: string, plan: Plan, armored: string): string {
  const key = armored
    .trimEnd()
    .split('\n')
    .map(line => (line === '' ? ' .' : ` ${line}`));
  return [
    'Types: deb',
    `URIs: ${url}`,
    `Suites: ${plan.suite}`,
    `Components: ${components(plan.directory).join(' ')}`,
    'Signed-By:',
    ...key,
    '',
  ].join('\n');
}
