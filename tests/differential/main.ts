// npm run differential -- [OPTIONS] PACKAGE...
// Installs packages on a minimal base with this program and with plain apt-get in a chroot of the same base, and prints
// every difference. Ends with 1 when there is one that is not documented.
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { must } from '../support/command.ts';
import { cacheDirectory } from '../support/places.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { installBothWays, installStaged } from './both-ways.ts';
import { judge } from './judge.ts';
import { type DifferentialReport, renderJudgement } from './report.ts';
import { splitOf } from './splits.ts';

const USAGE = `usage: npm run differential -- [OPTIONS] PACKAGE...

  --suite SUITE        Debian suite of the base (trixie)
  --base local://NAME  an image of the sysroot as base
  --sysroot DIR        the store to build in (.cache/differential/sysroot)
  --keep DIR           keep both roots in DIR, which must be empty or not there
  --splits N           install them in groups, one after the other, in N ways that differ, and
                       compare with apt-get doing the same, and with all of them at once
  --seed S             the first of these ways (1)
  --groups N           groups of each (3)
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
    splits: { type: 'string' },
    seed: { type: 'string', default: '1' },
    groups: { type: 'string', default: '3' },
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

/** Ends with 1 when a split has a difference that is not documented. */
async function runSplits(directory: string): Promise<number> {
  let failed = 0;
  const first = Number(values.seed);
  for (let seed = first; seed < first + Number(values.splits); seed += 1) {
    const groups = splitOf(packages, { seed, groups: Number(values.groups) });
    const place = `${directory}/${seed}`;
    fs.mkdirSync(place);
    const { theirs, ours, fresh } = await installStaged({
      ...{ suite: values.suite, base: values.base, directory: place, groups, say },
      sysroot: values.sysroot ?? `${cacheDirectory('differential')}/sysroot`,
    });
    const staged = judge(theirs, ours, { times: values.times });
    const once = judge(fresh, ours, { times: values.times });
    const found = staged.differences.length + once.differences.length;
    if (found > 0) failed += 1;
    result(`split ${seed}: ${groups.map(group => group.join(' ')).join(' | ')}`);
    result(`against apt-get:\n${renderJudgement(staged)}\nagainst one stage:\n${renderJudgement(once)}`);
    if (values.keep === undefined) await must('rm', ['-rf', '--', place]);
  }
  return failed === 0 ? 0 : 1;
}

const action = values.splits === undefined ? run : runSplits;
if (values.keep === undefined) {
  await using work = temporaryDirectory('differential');
  process.exitCode = await action(work.path);
} else {
  fs.mkdirSync(values.keep, { recursive: true });
  process.exitCode = await action(values.keep);
}
