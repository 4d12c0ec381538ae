import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';

const CREW = join(import.meta.dirname, 'crew.ts');
const SERVE = join(import.meta.dirname, 'serve.ts');
let directory: string;

beforeAll(() => {
  // Where imports of the addon are found.
  directory = mkdtempSync(join(import.meta.dirname, '../../node_modules/.crew-test-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** Bundles as the program is bundled, and runs it: threads cannot run TypeScript. */
async function run(main: string, thread: string): Promise<{ status: number | null; output: string }> {
  const { build } = await import('esbuild');
  const options: BuildOptions = {
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi'],
    logLevel: 'error',
  };
  for (const [name, text] of [
    ['main', main],
    ['thread', thread],
  ] as const) {
    writeFileSync(join(directory, `${name}.ts`), text);
    await build({
      ...options,
      entryPoints: [join(directory, `${name}.ts`)],
      outfile: join(directory, `${name}.mjs`),
    });
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(directory, 'main.mjs')], {
    encoding: 'utf8',
    timeout: 300_000,
  });
  return { status, output: `${stdout}${stderr}` };
}

it('a job that fails at once ends all threads, and nothing else', async () => {
  const main = `
    import { startCrew } from ${JSON.stringify(CREW)};
    const host = { workerScript: new URL('thread.mjs', import.meta.url), signal: new AbortController().signal };
    for (let round = 0; round < 40; round += 1) {
      const crew = startCrew(host as never, 'fail', undefined);
      crew.send('x', 1, () => undefined);
      await crew.finish().then(() => console.log('no error'), error => console.log(error.message));
    }`;
  const thread = `
    import { serve } from ${JSON.stringify(SERVE)};
    await serve({ fail: async () => () => job => { throw new Error('failed ' + job); } });`;
  const { status, output } = await run(main, thread);
  expect(output).toBe('failed x\n'.repeat(40));
  expect(status).toBe(0);
}, 320_000);
