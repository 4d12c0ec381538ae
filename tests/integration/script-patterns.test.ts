import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories, stateOf } from '../support/system.ts';

/** What scripts are judged for: its name, the word that forbids it, what a script does, and what the finding names. */
const PATTERNS = [
  ['systemctl', 'systemctl', 'systemctl start some.service || true', ['systemctl']],
  [
    'debconf-set-selections',
    'debconf',
    'echo "some some/question string answer" | debconf-set-selections',
    ['debconf-set-selections'],
  ],
  [
    'update-alternatives',
    'update-alternatives',
    'update-alternatives --install /usr/bin/some some /usr/share/update-alternatives/file 10',
    ['update-alternatives'],
  ],
  [
    '/proc and /sys access',
    '/proc, /sys',
    'cat /proc/cpuinfo >/dev/null || true\nls /sys/class >/dev/null || true',
    ['cat', 'ls'],
  ],
] as const;

const packageOf = (pattern: string) => `does-${pattern.replaceAll(/\W+/g, '-').replaceAll(/^-|-$/g, '')}`;

let repository: Archive;
let system: LocalSystem;

beforeAll(async () => {
  repository = await archive(
    PATTERNS.map(([name, , body]) => ({
      name: packageOf(name),
      files: { [`/usr/share/${name.split(' ')[0]?.replaceAll('/', '')}/file`]: name },
      scripts: { postinst: `${body}\necho ran >/var/lib/${packageOf(name)}` },
    })),
  );
  system = await localSystem(repository);
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

describe.each(PATTERNS)('%s in a maintainer script', (name, word, _, calls) => {
  const deb = packageOf(name);
  const compose = async (mode: string) => {
    const sysroot = await system.copy(`${deb}-${mode}`);
    const before = stateOf(sysroot);
    const spec = system.spec(
      `${deb}-${mode}`,
      `name: test\nbase-image: local://min\nlayers: [${deb}]\n${repositories(repository)}` +
        `maintainer-scripts: {validation-mode: ${mode}, forbidden-actions: [${word}]}\n`,
    );
    return { sysroot, before, result: await aptLayer(sysroot, ['compose', 'tree', spec]) };
  };
  const finding = (call: string) => new RegExp(`${deb} postinst:\\d+: ${call}.*the policy forbids`);
  const ran = async (sysroot: string) =>
    (await aptLayerMust(sysroot, ['run', '--', 'cat', `/var/lib/${deb}`])).stdout;

  it('is refused when strict, and nothing is changed', async () => {
    const { sysroot, before, result } = await compose('strict');
    expect(result.code).toBe(5);
    for (const call of calls) expect(result.stderr).toMatch(finding(call));
    expect(stateOf(sysroot)).toBe(before);
  });

  it('is reported in warn, and runs', async () => {
    const { sysroot, result } = await compose('warn');
    expect(result.code, result.stderr).toBe(0);
    for (const call of calls) expect(result.stderr).toMatch(finding(call));
    expect(await ran(sysroot)).toBe('ran\n');
  });

  it('is not looked at in skip, and runs', async () => {
    const { sysroot, result } = await compose('skip');
    expect(result.code, result.stderr).toBe(0);
    // That this would show it is what `warn` has just shown.
    for (const call of calls) expect(result.stderr).not.toMatch(finding(call));
    expect(result.stderr).not.toContain('warning');
    expect(await ran(sysroot)).toBe('ran\n');
  });
});
