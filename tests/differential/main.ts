// npm run differential -- [OPTIONS] PACKAGE...
// Installs packages on a minimal base with this program and with plain apt-get in a chroot of the same base, and prints
// every difference. Ends with 1 when there is one that is not documented.
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { cacheDirectory } from '../support/places.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { installBothWays } from './both-ways.ts';
import { judge } from './judge.ts';
import { type DifferentialReport, renderJudgement } from './report.ts';

const USAGE = `usage: npm run differential -- [OPTIONS] PACKAGE...

  --suite SUITE        Debian suite of the base (trixie)
  --base local://NAME  an image of the sysroot as base
  --sysroot DIR        the store to build in (.cache/differential/sysroot)
  --keep DIR           keep both roots in DIR, which must be empty or not there
  --times              compare times of modification too
  --json               print the report as JSON
`;

const { values, positionals: packages } = parseArgs({
  allowPositionals: true,
  options: {
    suite: { type: 'string', default: 'trixie' },
    base: { type: 'string' },
    sysroot: { type: 'string' },
    keep: { type: 'string' },
    times: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const isUsable =
  packages.length > 0 && (values.base === undefined || values.base.startsWith('local://')) && !values.help;
if (!isUsable) {
  process.stderr.write(USAGE);
  process.exit(2);
}

const result = (text: string) => process.stdout.write(`${text}\n`);
// With --json the report alone is on stdout.
const say = (text: string) => (values.json ? process.stderr : process.stdout).write(`${text}\n`);

async function run(directory: string): Promise<number> {
  const { theirs, ours, seconds } = await installBothWays({
    suite: values.suite,
    packages,
    base: values.base,
    sysroot: values.sysroot ?? `${cacheDirectory('differential')}/sysroot`,
    directory,
    say,
  });
  const started = performance.now();
  const judgement = judge(theirs, ours, { times: values.times });
  const judging = (performance.now() - started) / 1000;
  say(`judge: ${judging.toFixed(1)} s`);
  say(`apt-layer / apt-get: ${(seconds['apt-layer'] / seconds['apt-get']).toFixed(2)}`);
  if (values.json) {
    const report: DifferentialReport = {
      suite: values.suite,
      packages,
      entries: judgement.entries,
      seconds: { ...seconds, judge: judging },
      documented: Object.fromEntries([...judgement.explained].sort()),
      differences: judgement.differences,
    };
    result(JSON.stringify(report, undefined, 2));
  } else result(renderJudgement(judgement));
  return judgement.differences.length === 0 ? 0 : 1;
}

if (values.keep === undefined) {
  await using work = temporaryDirectory('differential');
  process.exitCode = await run(work.path);
} else {
  fs.mkdirSync(values.keep, { recursive: true });
  process.exitCode = await run(values.keep);
}
