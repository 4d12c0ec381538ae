import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { execute } from '../support/command.ts';
import { CHECKOUT } from '../support/places.ts';

/** What `npm run check` runs, one test for each, so that a run of the tests says which one complains. */
const LINTERS: readonly (readonly [tool: string, ...args: string[]])[] = [
  ['tsc', '--noEmit', '-p', '.'],
  ['biome', 'ci', '--colors=off', '.'],
  ['eslint', '--no-color', '.'],
  ['depcruise', '--config', '.dependency-cruiser.cjs', 'src'],
  ['knip', '--no-progress'],
];

describe('the linters', () => {
  it.each(LINTERS)('%s finds nothing', async (tool, ...args) => {
    const result = await execute(path.join(CHECKOUT, 'node_modules/.bin', tool), args, {
      cwd: CHECKOUT,
      env: { NO_COLOR: '1', FORCE_COLOR: undefined },
    });
    expect(result.code, `${result.stdout}${result.stderr}`).toBe(0);
  });

  it('are those of `npm run check`', () => {
    const { scripts } = JSON.parse(fs.readFileSync(path.join(CHECKOUT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const [tool] of LINTERS) expect(scripts['check']).toMatch(new RegExp(`(^|&& )${tool}( |$)`));
    expect(scripts['check']?.split('&&')).toHaveLength(LINTERS.length);
  });

  it.each(['scripts/setup.sh', '.ci/run', 'tests/support/apt-in-chroot.sh'])(
    'bash reads %s',
    async script => {
      expect(await execute('bash', ['-n', path.join(CHECKOUT, script)])).toMatchObject({
        code: 0,
        stderr: '',
      });
    },
  );
});
