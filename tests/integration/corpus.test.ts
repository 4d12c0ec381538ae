import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeGround } from '../corpus/ground.ts';
import type { Life } from '../corpus/life.ts';
import { livesOf } from '../corpus/lives.ts';
import { MADE_BY_TOOLS, MADE_WITH_LITTLE } from '../corpus/made/index.ts';
import { makePackage, VERSIONS } from '../corpus/made/made-package.ts';
import { renderResults } from '../corpus/results.ts';
import { renderDifferences } from '../differential/report.ts';
import { CACHE, CHECKOUT } from '../support/places.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

/** `all`, as `npm run corpus` has it, which also writes the table of results; or names with commas between them. */
const ASKED = process.env['APT_LAYER_CORPUS'];
const IS_WHOLE = ASKED === 'all';
const SEED = 'corpus 2';
const ONE_OF = 8;
const isDrawn = (name: string) =>
  (createHash('sha256').update(`${SEED} ${name}`).digest()[0] ?? 0) % ONE_OF === 0;
/** Without being asked, some of those that need no more tools, by a seed that does not change. */
const CHOSEN =
  ASKED === undefined
    ? MADE_WITH_LITTLE.filter(({ name }) => isDrawn(name))
    : [...MADE_WITH_LITTLE, ...MADE_BY_TOOLS].filter(
        ({ name }) => IS_WHOLE || ASKED.split(',').includes(name),
      );

let work: TemporaryDirectory;
let lives: ReadonlyMap<string, Life>;
beforeAll(async () => {
  work = temporaryDirectory('corpus');
  const ground = await makeGround(work.path);
  const places = { directory: work.join('debs'), tools: `${CACHE}/corpus-tools` };
  const candidates = [];
  for (const one of CHOSEN) {
    const debs = await Promise.all(VERSIONS.map(version => makePackage(one, version, places)));
    const alone = [one.refused, one.otherwise, one.known].some(reason => reason !== undefined);
    candidates.push({ ...one, debs, alone });
  }
  lives = await livesOf(candidates, ground);
}, 3_600_000);
afterAll(async () => {
  const rows = CHOSEN.flatMap(one => {
    const life = lives.get(one.name);
    return life === undefined ? [] : [{ one, life }];
  });
  const day = new Date().toISOString().slice(0, 10);
  if (IS_WHOLE) fs.writeFileSync(`${CHECKOUT}/tests/corpus/results.md`, renderResults(rows, day));
  await work[Symbol.asyncDispose]();
});

describe('a package of a vendor or a tool is layered, upgraded and unlayered as dpkg does it', () => {
  it.each(CHOSEN.map(one => [one.name, one.stands, one] as const))('%s: %s', (name, _stands, one) => {
    const life = lives.get(name);
    if (life === undefined) throw new Error('it was left out');
    const { theirs, ours, differences, explained } = life;
    expect(renderDifferences(differences)).toBe('');
    for (const { reason } of one.known ?? []) expect(explained.map(known => known.reason)).toContain(reason);
    if (one.otherwise !== undefined) expect(theirs === undefined).not.toBe(ours === undefined);
    else if (one.refused === undefined) expect({ theirs, ours }).toEqual({});
    else {
      const [words, ownWords] = typeof one.refused === 'string' ? [one.refused, one.refused] : one.refused;
      expect(theirs).toContain(words);
      expect(ours).toContain(ownWords);
    }
  });
});
