// npm run bench [-- CASE...] [--runs N]: ratios against peers on the same input in one run.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchCase, Row } from './case.ts';
import { bootstrap } from './cases/bootstrap.ts';
import { cve } from './cases/cve.ts';
import { deployments } from './cases/deployments.ts';
import { imageImport } from './cases/image-import.ts';
import { imageWrite } from './cases/image-write.ts';
import { layer } from './cases/layer.ts';
import { large, layerCold, layerRebase, layerWarm } from './cases/layer-again.ts';
import { layerScale } from './cases/layer-scale.ts';
import { oci } from './cases/oci.ts';
import { sbom } from './cases/sbom.ts';

const CASES: readonly BenchCase[] = [
  imageWrite,
  imageImport,
  oci,
  layer,
  layerWarm,
  layerCold,
  layerRebase,
  layerScale,
  bootstrap,
  deployments,
  cve,
  sbom,
  large,
];

const { values, positionals } = parseArgs({
  options: { runs: { type: 'string', default: '3' } },
  allowPositionals: true,
});
const chosen = CASES.filter(entry =>
  positionals.length === 0 ? entry.optIn !== true : positionals.includes(entry.name),
);
if (chosen.length === 0)
  throw new Error(`no such case; there are ${CASES.map(entry => entry.name).join(', ')}`);

mkdirSync('.cache', { recursive: true });
const rows: Row[] = [];
for (const entry of chosen) {
  process.stderr.write(`${entry.name} ...\n`);
  const directory = mkdtempSync(join('.cache', `bench-${entry.name}-`));
  try {
    rows.push(...(await entry.run(directory, Number(values.runs))));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
process.stdout.write(render(rows));
const file = `bench/results/${new Date().toISOString().slice(0, 10)}.json`;
writeFileSync(
  file,
  `${JSON.stringify({ node: process.version, cores: cpus().length, rows }, undefined, 2)}\n`,
);
process.stderr.write(`written to ${file}\n`);

function render(list: readonly Row[]): string {
  const lines = ['| what | apt-layer | peer | ratio | at most | | peak |', '|---|---|---|---|---|---|---|'];
  for (const row of list) {
    const peer = row.peerMs === null ? '-' : `${row.peer} ${seconds(row.peerMs)}`;
    const reached = (row.ratio ?? row.oursMs) <= row.limit ? 'reached' : 'missed';
    const [ratio, limit] =
      row.ratio === null ? ['-', seconds(row.limit)] : [row.ratio.toFixed(2), row.limit.toFixed(2)];
    const peak = row.peakMegabytes === undefined ? '-' : `${Math.round(row.peakMegabytes)} MB`;
    lines.push(
      `| ${row.what} | ${seconds(row.oursMs)} | ${peer} | ${ratio} | ${limit} | ${reached} | ${peak} |`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 3 : 1)} s`;
}
