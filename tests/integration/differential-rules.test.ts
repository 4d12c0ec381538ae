import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../differential/judge.ts';
import { checkoutPlain } from '../differential/plain-root.ts';
import { renderDifferences } from '../differential/report.ts';
import { conflictRules } from '../differential/rules/conflict-rules.ts';
import { excludeConflicts, excludeRules } from '../differential/rules/exclude-rules.ts';
import { fileRules, multiArchRules } from '../differential/rules/file-rules.ts';
import { buildDebOwnedBy } from '../differential/rules/owned-by-name.ts';
import { lateOverrideRules, namedOwnerRules, ownerRules } from '../differential/rules/owner-rules.ts';
import { scriptRules } from '../differential/rules/script-rules.ts';
import { triggerRules } from '../differential/rules/trigger-rules.ts';
import { downgradeRules, upgradeRules } from '../differential/rules/upgrade-rules.ts';
import { aptGetInstallChroot } from '../support/apt-oracle.ts';
import { type Archive, archive } from '../support/archive.ts';
import { copyRoot, unpackMinbase } from '../support/base.ts';
import { must } from '../support/command.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const GROUPS = [
  fileRules,
  multiArchRules,
  scriptRules,
  ownerRules,
  lateOverrideRules,
  namedOwnerRules,
  triggerRules,
  upgradeRules,
  downgradeRules,
  excludeRules,
];
const CONFLICTS = [...conflictRules, ...excludeConflicts];

/** Both ways answer dpkg's questions alike, and may go back to an older version. */
const APT_OPTIONS = [
  'DPkg::Options::=--force-confdef',
  'DPkg::Options::=--force-confold',
  'APT::Get::allow-downgrades=true',
];

let work: TemporaryDirectory;
let repository: Archive;
let base: string;
let sysroot: string;

beforeAll(async () => {
  work = temporaryDirectory('rules');
  [base, sysroot] = [work.join('base'), work.join('sysroot')];
  const ofBase = GROUPS.flatMap(group => group.base ?? []);
  repository = await archive(ofBase);
  await makeBase(ofBase.map(({ name }) => name));
  // Only now: the base has the versions of before.
  await repository.publish([
    ...GROUPS.flatMap(group => group.archive),
    ...CONFLICTS.flatMap(rule => rule.archive),
    await buildDebOwnedBy(
      {
        name: 'rule-owned',
        preDepends: ['rule-user-first'],
        files: { '/usr/lib/rule-owned/file': 'x'.repeat(100), '/usr/lib/rule-owned/directory/short': 'x' },
      },
      { user: 'rule-user', group: 'rule-group', id: 4711 },
      work.path,
    ),
  ]);
  await aptLayerMust(sysroot, ['image', 'import', base, '--ref', 'rules']);
});
afterAll(async () => {
  await repository[Symbol.asyncDispose]();
  await work[Symbol.asyncDispose]();
});

/** A minimal Debian with the packages that groups find installed, whose only source is the archive of this test. */
async function makeBase(packages: readonly string[]): Promise<void> {
  await unpackMinbase(base);
  fs.rmSync(`${base}/etc/apt/sources.list`, { force: true });
  fs.rmSync(`${base}/etc/apt/sources.list.d`, { recursive: true, force: true });
  fs.mkdirSync(`${base}/etc/apt/sources.list.d`);
  fs.writeFileSync(`${base}/etc/apt/sources.list.d/test.sources`, repository.sources);
  await aptGetInstallChroot(base, packages, { sources: repository.sources });
  for (const { prepare } of GROUPS) if (prepare !== undefined) await inRoot(base, prepare);
}

function inRoot(root: string, script: string): Promise<string> {
  return must('chroot', [root, '/bin/sh', '-ec', script], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' },
  });
}

function specOf(name: string, packages: readonly string[]): string {
  const file = work.join(`${name}.yaml`);
  fs.writeFileSync(
    file,
    `base-image: local://rules\nbootstrap: {mirror: "${repository.url}"}\nlayers: ${JSON.stringify(packages)}\n`,
  );
  return file;
}

interface Roots {
  readonly theirs: string;
  readonly ours: string;
}

async function bothWays(name: string, packages: readonly string[]): Promise<Roots> {
  const roots = { theirs: work.join(name, 'theirs'), ours: work.join(name, 'ours') };
  fs.mkdirSync(work.join(name));
  await aptLayerMust(sysroot, ['compose', 'tree', specOf(name, packages), '--no-deploy', '--ref', name]);
  await checkoutPlain(sysroot, name, roots.ours);
  await copyRoot(base, roots.theirs);
  await aptGetInstallChroot(roots.theirs, packages, {
    installRecommends: true,
    sources: repository.sources,
    options: APT_OPTIONS,
  });
  return roots;
}

describe('a package is installed as apt-get installs it', () => {
  for (const [index, group] of GROUPS.entries()) {
    it(group.name, async () => {
      const place = `group-${index}`;
      const roots = await bothWays(place, group.packages);
      expect(renderDifferences(judge(roots.theirs, roots.ours).differences)).toBe('');
      for (const root of [roots.theirs, roots.ours])
        for (const proof of group.proofs) await expect(inRoot(root, proof)).resolves.toBeDefined();
      await must('rm', ['-rf', '--', work.join(place)]);
    });
  }
});

describe('what apt-get refuses is refused, with the names of all concerned', () => {
  it.each(CONFLICTS.map((rule, index) => [rule.name, `conflict-${index}`, rule] as const))(
    '%s',
    async (_name, place, { packages, names, refusal = /trying to overwrite|which is also/ }) => {
      const result = await aptLayer(sysroot, ['compose', 'tree', specOf(place, packages), '--no-deploy']);
      expect(result.code).toBe(5);
      for (const name of names) expect(result.stderr).toContain(name);
      const theirs = work.join(place);
      await copyRoot(base, theirs);
      await expect(
        aptGetInstallChroot(theirs, packages, { sources: repository.sources, options: APT_OPTIONS }),
      ).rejects.toThrow(refusal);
      await must('rm', ['-rf', '--', theirs]);
    },
  );
});
