import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromText } from '../../src/formats/bytes/index.ts';
import { lookup } from '../../src/formats/tree/index.ts';
import { imageOf } from '../../src/layer/built-image.ts';
import type { BuildContext } from '../../src/layer/context.ts';
import { runStage } from '../../src/layer/stage.ts';
import type { Scratch } from '../../src/sandbox/index.ts';
import { importDirectory } from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { createSys } from '../../src/sys/index.ts';
import { recordingReporter, testHost } from '../support/host.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const MIB = 1024 * 1024;
/** A machine with so little memory that a stage is given 260 MiB of it. */
const MEMINFO = `MemAvailable: ${650 * 1024} kB\n`;

async function smallMachine(work: TemporaryDirectory) {
  const sys = createSys();
  const report = recordingReporter();
  const readFile: typeof sys.readFile = path =>
    path === '/proc/meminfo' ? Buffer.from(MEMINFO) : sys.readFile(path);
  const host = testHost({ sys: { ...sys, readFile }, report });
  const store = ensureStore(host, work.join('composefs'));
  fs.mkdirSync(work.join('base/data'), { recursive: true });
  const context: BuildContext = {
    host,
    store,
    sysroot: work.path,
    workDirectory: work.join('work'),
    onOutput: () => undefined,
    logPath: work.join('log'),
  };
  fs.mkdirSync(context.workDirectory);
  const image = imageOf(context, await importDirectory(store, work.join('base'), { mode: 'copy' }));
  return { context, image, events: report.events };
}

const rootOf = (scratch: Scratch) => `/proc/${scratch.pid}/root${scratch.root}`;

describe('a stage that was to stay in memory', () => {
  it('is done again on disk when it does not fit', async () => {
    await using work = temporaryDirectory('stage');
    const { context, image, events } = await smallMachine(work);
    const places: boolean[] = [];
    const tree = await runStage(context, image, {
      name: 'filling',
      expectedBytes: 0,
      action: async scratch => {
        places.push(scratch.upperOnDisk);
        // Nothing of the first try may be there.
        expect(fs.readdirSync(`${rootOf(scratch)}/data`)).toEqual([]);
        for (let index = 0; index < 300; index++)
          fs.writeFileSync(`${rootOf(scratch)}/data/${index}`, Buffer.alloc(MIB));
      },
    });
    expect(places).toEqual([false, true]);
    expect(lookup(tree, fromText('/data/299'))).toMatchObject({ kind: 'file', size: MIB });
    expect(JSON.stringify(events)).toContain('did not fit into memory');
    expect(fs.readdirSync(context.workDirectory)).toEqual([]);
  });

  it('fails as it did when something else was wrong', async () => {
    await using work = temporaryDirectory('stage');
    const { context, image } = await smallMachine(work);
    let tries = 0;
    const action = async () => {
      tries += 1;
      throw new Error('something else');
    };
    await expect(runStage(context, image, { name: 'failing', expectedBytes: 0, action })).rejects.toThrow(
      'something else',
    );
    expect(tries).toBe(1);
  });
});
