import fs from 'node:fs';
import { must } from '../../support/command.ts';
import { buildDeb, type DebDescription } from '../../support/deb.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

/** Builds a package like `buildDeb`, but with all files belonging to a user and a group that this machine need not have. */
export async function buildDebOwnedBy(
  description: DebDescription,
  owner: { readonly user: string; readonly group: string; readonly id: number },
  directory: string,
): Promise<string> {
  const deb = await buildDeb({ ...description, compression: 'none' }, directory);
  await using work = temporaryDirectory('owned');
  const tree = work.join('tree');
  fs.mkdirSync(tree);
  await must('dpkg-deb', ['--extract', deb, tree]);
  await must('tar', [
    ...['--create', '--file', work.join('data.tar'), '--directory', tree, '--format=gnu', '--sort=name'],
    `--owner=${owner.user}:${owner.id}`,
    `--group=${owner.group}:${owner.id}`,
    '.',
  ]);
  await must('ar', ['r', deb, work.join('data.tar')], { cwd: work.path });
  return deb;
}
