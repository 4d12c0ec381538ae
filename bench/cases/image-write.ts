import { writeFileSync } from 'node:fs';
import { ensureMkcomposefs, toolCommand } from '../../tests/support/mkcomposefs.ts';
import { type BenchCase, versus } from '../case.ts';
import { debianLikeDump } from '../dump.ts';
import { measure } from '../measure.ts';

const LINES = 64_000;

/** `image write --from-dump` against mkcomposefs, both with the digest, on the same dump. */
export const imageWrite: BenchCase = {
  name: 'image-write',
  async run(directory, runs) {
    await ensureMkcomposefs();
    const dump = `${directory}/tree.dump`;
    writeFileSync(dump, debianLikeDump(LINES));
    const [ours, theirs, start] = measure(
      [
        {
          name: 'apt-layer',
          command: [
            'bin/apt-layer',
            'image',
            'write',
            '--from-dump',
            dump,
            `${directory}/ours.cfs`,
            '--print-digest',
          ],
        },
        {
          name: 'mkcomposefs',
          command: [
            ...toolCommand('mkcomposefs'),
            '--from-file',
            '--print-digest',
            dump,
            `${directory}/theirs.cfs`,
          ],
        },
        { name: 'start-up', command: ['bin/apt-layer', '--version'] },
      ],
      runs * 3,
    ).map(timed => timed.median) as [number, number, number];
    const row = { peer: 'mkcomposefs', peerMs: theirs, limit: 2, runs: runs * 3 };
    return [
      versus({
        ...row,
        what: `image write, ${LINES} lines, start-up apart (${Math.round(start)} ms)`,
        oursMs: ours - start,
      }),
      versus({ ...row, what: `image write, ${LINES} lines, whole process`, oursMs: ours }),
    ];
  },
};
