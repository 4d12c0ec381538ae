import fs from 'node:fs';
import { must } from '../support/command.ts';
import { aptLayerMust } from '../support/program.ts';
import { unpackServiceBase } from '../support/service-base.ts';
import type { Ground } from './life.ts';
import { makeOwn } from './machine.ts';

/** What no package of the corpus needs: without it a root is compared in a third of the time. */
const NOT_NEEDED = ['locale', 'man', 'zoneinfo', 'doc', 'info', 'terminfo'].map(name => `usr/share/${name}`);

/** A small Debian with what services need, without sources, deployed, with files of an administrator on the machine. */
export async function makeGround(directory: string): Promise<Ground> {
  const [base, sysroot, spec] = ['base', 'sysroot', 'base.yaml'].map(name => `${directory}/${name}`) as [
    string,
    string,
    string,
  ];
  await unpackServiceBase(base);
  await must('sh', ['-c', `cd "$1" && rm -rf ${NOT_NEEDED.join(' ')}`, 'sh', base]);
  for (const name of NOT_NEEDED) fs.mkdirSync(`${base}/${name}`);
  fs.writeFileSync(spec, 'name: corpus\nbase-image: local://corpus\n');
  await aptLayerMust(sysroot, ['image', 'import', base, '--ref', 'corpus']);
  await aptLayerMust(sysroot, ['compose', 'tree', spec]);
  await makeOwn(sysroot);
  return { base, sysroot, directory: `${directory}/life` };
}
