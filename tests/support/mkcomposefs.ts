import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { must } from './command.ts';
import { withFileLock } from './file-lock.ts';
import { debianSources, hostAcquireOptions } from './host-apt.ts';
import { CACHE, cacheDirectory } from './places.ts';

const HOME = path.join(CACHE, 'mkcomposefs');
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const OUTPUT_MAX = 1 << 30;

/** The outcome of a tool, with its output as bytes. */
export interface ToolResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/**
 * Makes sure that the real mkcomposefs and composefs-info are in the cache: from Debian testing, as no stable release
 * has them, with the C library they are linked against. Nothing of the host changes. Does nothing the second time.
 */
export async function ensureMkcomposefs(): Promise<void> {
  if (fs.existsSync(HOME)) return;
  await withFileLock(path.join(cacheDirectory(''), 'mkcomposefs.lock'), async () => {
    if (fs.existsSync(HOME)) return;
    const work = fs.mkdtempSync(path.join(CACHE, 'mkcomposefs-'));
    try {
      await downloadInto(work);
      fs.renameSync(path.join(work, 'root'), HOME);
    } finally {
      fs.rmSync(work, { recursive: true, force: true });
    }
  });
}

/** Runs mkcomposefs to its end; `ensureMkcomposefs` must have been called before. */
export function mkcomposefs(args: readonly string[], input?: Buffer): ToolResult {
  return runTool('mkcomposefs', args, input);
}

/** Runs composefs-info to its end; `ensureMkcomposefs` must have been called before. */
export function composefsInfo(args: readonly string[]): ToolResult {
  return runTool('composefs-info', args, undefined);
}

/** How to start a tool, for measuring it: program and first arguments. */
export function toolCommand(name: 'mkcomposefs' | 'composefs-info'): string[] {
  const libraries = fs
    .readdirSync(path.join(HOME, 'usr/lib'))
    .filter(entry => entry.includes('-linux-gnu'))
    .map(entry => path.join(HOME, 'usr/lib', entry));
  const loader = libraries
    .flatMap(folder => fs.readdirSync(folder).map(file => path.join(folder, file)))
    .find(file => /\/ld-linux[^/]*\.so\.\d$/.test(file));
  if (loader === undefined) throw new Error(`no dynamic loader below ${HOME}`);
  return [loader, '--library-path', libraries.join(':'), path.join(HOME, 'usr/bin', name)];
}

function runTool(
  name: 'mkcomposefs' | 'composefs-info',
  args: readonly string[],
  input: Buffer | undefined,
): ToolResult {
  const [program, ...first] = toolCommand(name);
  const options = { maxBuffer: OUTPUT_MAX, ...(input === undefined ? {} : { input }) };
  const result: SpawnSyncReturns<Buffer> = spawnSync(program!, [...first, ...args], options);
  if (result.error !== undefined) throw result.error;
  return { code: result.status ?? 128, stdout: result.stdout, stderr: result.stderr.toString() };
}

/** Fetches the package and what it needs with an apt that knows nothing of the host's packages, and unpacks it all. */
async function downloadInto(work: string): Promise<void> {
  const architecture = (await must('dpkg', ['--print-architecture'])).trim();
  const line = (await debianSources('testing')).find(source => source.endsWith(' testing main'));
  if (line === undefined)
    throw new Error('the apt sources of this machine name no mirror for Debian testing');
  const sources = path.join(work, 'sources.list');
  fs.writeFileSync(sources, `${line.replace(/^deb /, `deb [arch=${architecture} signed-by=${KEYRING}] `)}\n`);
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'root']) {
    fs.mkdirSync(path.join(work, folder), { recursive: true });
  }
  fs.writeFileSync(path.join(work, 'status'), '');
  const settings = [
    ...(await hostAcquireOptions()),
    `Dir::State=${work}/state`,
    `Dir::State::status=${work}/status`,
    `Dir::Cache=${work}/cache`,
    `Dir::Etc::SourceList=${sources}`,
    'Dir::Etc::SourceParts=/dev/null',
    'Dir::Etc::Preferences=/dev/null',
    'Dir::Etc::PreferencesParts=/dev/null',
    'Acquire::Languages=none',
    'APT::Sandbox::User=root',
  ].flatMap(setting => ['-o', setting]);
  await must('apt-get', [...settings, 'update']);
  await must('apt-get', [
    ...settings,
    '--yes',
    '--no-install-recommends',
    '--download-only',
    'install',
    'composefs',
  ]);
  const archives = path.join(work, 'cache/archives');
  for (const file of fs.readdirSync(archives).filter(name => name.endsWith('.deb'))) {
    await must('dpkg-deb', ['-x', path.join(archives, file), path.join(work, 'root')]);
  }
}
