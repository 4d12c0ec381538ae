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

describe('kernel arguments', () => {
  it.each([
    ['--append', 'composefs.digest=sha256:0'],
    ['--append-if-missing', 'aptlayer.deployment=web'],
    ['--append', '--'],
  ])('that say what is booted are refused: %s %s', async (option, argument) => {
    const before = machine.ids();
    const ended = await run('kargs', `${option}=${argument}`);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain(`"${argument}" is for apt-layer to say`);
    expect(machine.ids()).toStrictEqual(before);
  });

  it.each([
    ['kargs', []],
    ['kargs -n', ['-n']],
  ])('that the kernel would cut off are refused by %s', async (_, options) => {
    const before = machine.ids();
    const ended = await run('kargs', ...options, `--append=long=${'x'.repeat(5000)}`);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/the command line would have 5\d{3} bytes, 3\d{3} more/);
    expect(machine.ids()).toStrictEqual(before);
  });

  it('that differ are the difference of two deployments of one image', async () => {
    const [before = ''] = machine.ids();
    expect((await run('kargs', '--append', 'console=ttyS1')).code).toBe(0);
    const [after = ''] = machine.ids();
    expect((await run('diff', before, after)).stdout).toMatch(/Kernel arguments:\n {2}\+ console=ttyS1\n$/);
    expect((await run('unstage')).code).toBe(0);
  });
});

describe('a spec that names a directory', () => {
  it.each([
    ['files: [{path: /etc/a, source: data}]', 'files.source'],
    ['scripts: [{name: a, run: "true", inputs: [data]}]', undefined],
    ['scripts: [{name: a, source: data}]', 'scripts.source'],
  ])('%s is refused when it is checked, where a file is meant', async (text, key) => {
    fs.mkdirSync(`${scratch.path}/data`, { recursive: true });
    const ended = await run('compose', 'validate', specFile(`${SPEC}${text}\n`));
    if (key === undefined) expect(ended).toMatchObject({ code: 0, stderr: '' });
    else
      expect(ended).toMatchObject({
        code: 3,
        stderr: expect.stringContaining(`${key}: ${scratch.path}/data is a directory`),
      });
  });
});
