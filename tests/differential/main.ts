// npm run differential -- [--suite SUITE] [--keep DIRECTORY] PACKAGE...
// Layers packages on a minimal base with this program and with plain apt-get in a chroot of the same base, and prints
// every difference. Ends with 1 when there is one that is not documented.
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { aptGetInstallChroot } from '../support/apt-oracle.ts';
import { copyRoot } from '../support/base.ts';
import { renderDifferences } from '../support/compare-trees.ts';
import { cacheDirectory } from '../support/places.ts';
import { checkoutPlain } from '../support/plain-root.ts';
import { aptLayerMust } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { judge } from './judge.ts';

const { values, positionals: packages } = parseArgs({
  allowPositionals: true,
  options: { suite: { type: 'string', default: 'trixie' }, keep: { type: 'string' } },
});
if (packages.length === 0) {
  process.stderr.write('usage: npm run differential -- [--suite SUITE] [--keep DIRECTORY] PACKAGE...\n');
  process.exit(2);
}

const say = (text: string) => process.stdout.write(`${text}\n`);

async function timed<T>(what: string, action: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await action();
  say(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

/** Hours are long for an apt-get of two thousand packages, too. */
const LIMIT = { timeoutMs: 3 * 3600 * 1000 };

async function run(directory: string): Promise<number> {
  const sysroot = `${cacheDirectory('differential')}/sysroot`;
  const join = (name: string) => `${directory}/${name}`;
  const spec = (layers: readonly string[]) =>
    `base-image: apt://${values.suite}\n${layers.length === 0 ? '' : `layers: [${layers.join(', ')}]\n`}`;
  fs.writeFileSync(join('base.yaml'), spec([]));
  fs.writeFileSync(join('spec.yaml'), spec(packages));
  const build = (file: string, ref: string) =>
    aptLayerMust(sysroot, ['compose', 'tree', join(file), '--no-deploy', '--ref', ref], LIMIT);
  await timed('base', () => build('base.yaml', 'differential-base'));
  await timed('apt-layer', () => build('spec.yaml', 'differential-out'));
  await checkoutPlain(sysroot, 'differential-base', join('base'));
  await checkoutPlain(sysroot, 'differential-out', join('ours'));
  await copyRoot(join('base'), join('theirs'));
  const archives = `${sysroot}/cache/apt/archives`;
  await timed('apt-get', () =>
    aptGetInstallChroot(join('theirs'), packages, { installRecommends: true, archives }),
  );
  const { differences, explained } = judge(join('theirs'), join('ours'));
  for (const [reason, count] of [...explained].sort()) say(`documented: ${reason} (${count})`);
  if (differences.length > 0) say(renderDifferences(differences));
  say(`${differences.length} differences`);
  return differences.length === 0 ? 0 : 1;
}

if (values.keep === undefined) {
  await using work = temporaryDirectory('differential');
  process.exitCode = await run(work.path);
} else {
  fs.mkdirSync(values.keep, { recursive: true });
  process.exitCode = await run(values.keep);
}
