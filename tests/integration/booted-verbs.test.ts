import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BootedMachine, bootedMachine } from '../support/booted-machine.ts';
import { scratchDirectory } from '../support/host.ts';
import { aptLayer } from '../support/program.ts';

const SPEC = 'base-image: local://test\nname: web\n';
let scratch: ReturnType<typeof scratchDirectory>;
let machine: BootedMachine;

beforeAll(async () => {
  scratch = scratchDirectory();
  machine = bootedMachine(scratch.path);
  const texts = {
    specText: SPEC,
    lockText: '{"version":1,"base":{"request":"local://test","digest":""},"packages":[]}\n',
  };
  machine.boot(await machine.deploy({ 'etc/a': 'a\n' }, texts));
});
afterAll(() => scratch[Symbol.dispose]());

/** Runs the program as on a machine that was booted from the sysroot. */
const run = (...args: string[]) =>
  aptLayer(machine.sysroot, args, { env: { ...process.env, APT_LAYER_RUN: machine.run } });

function specFile(text: string): string {
  const path = `${scratch.path}/spec.yaml`;
  fs.writeFileSync(path, text);
  return path;
}

describe('a spec of another name than what runs', () => {
  it.each([
    ['compose tree', []],
    ['compose tree -n', ['-n']],
  ])('is refused by %s, with the way out', async (_, options) => {
    const before = machine.ids();
    const ended = await run('compose', 'tree', ...options, specFile(SPEC.replace('web', 'other')));
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(
      /name of the spec is other, and this machine runs web.*\n.*`name: web`.*--new-name/,
    );
    expect(machine.ids()).toStrictEqual(before);
  });

  it('is taken when it is meant', async () => {
    // The base is no system, so that it ends later.
    const ended = await run('compose', 'tree', '-n', '--new-name', specFile(SPEC.replace('web', 'other')));
    expect(ended.stderr).not.toContain('name of the spec');
  });

  it('is found by lint, also without a name', async () => {
    const names = async (text: string) => {
      const ended = await run('--json', 'compose', 'lint', specFile(text));
      return (ended.json() as { findings: { rule: string }[] }).findings.map(one => one.rule);
    };
    expect(await names(SPEC.replace('name: web\n', ''))).toContain('other-name');
    expect(await names(SPEC)).not.toContain('other-name');
  });
});
