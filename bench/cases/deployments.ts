import { writeFileSync } from 'node:fs';
import { absolute, type BenchCase } from '../case.ts';
import { measure, must } from '../measure.ts';
import { largeRoot } from '../roots.ts';

/** Choosing among deployments of a large system: whole processes, start-up included. */
export const deployments: BenchCase = {
  name: 'deployments',
  async run(directory, runs) {
    const program = ['bin/apt-layer', '--sysroot', `${directory}/sysroot`];
    must([...program, 'image', 'import', await largeRoot(), '--ref', 'large']);
    for (const text of ['base-image: local://large\n', 'base-image: local://large\nlayers: [vim]\n']) {
      writeFileSync(`${directory}/spec.yaml`, `name: large\n${text}`);
      must([...program, 'compose', 'tree', `${directory}/spec.yaml`]);
    }
    const count = runs * 3;
    const [status, rollback, deploy, nothing] = measure(
      [
        { name: 'status', command: [...program, 'status'] },
        { name: 'rollback', command: [...program, 'rollback'] },
        { name: 'deploy', command: [...program, 'deploy', '1'] },
        { name: 'nothing', command: [...program, 'layer', 'vim'] },
      ],
      count,
    ).map(timed => timed.median) as [number, number, number, number];
    return [
      absolute({ what: 'status', oursMs: status, limit: 150, runs: count }),
      absolute({ what: 'rollback', oursMs: rollback, limit: 300, runs: count }),
      absolute({ what: 'deploy', oursMs: deploy, limit: 300, runs: count }),
      absolute({ what: 'layer of what is layered already', oursMs: nothing, limit: 1000, runs: count }),
    ];
  },
};
