import type { Tree } from '../../formats/tree/index.ts';
import { type BuildContext, imageOf, runStage } from '../../layer/index.ts';
import { writeForSandbox } from '../../sandbox/index.ts';
import type { DebconfAnswer } from '../spec/index.ts';
import { runForSpec } from './in-sandbox.ts';

const ANSWERS = '/run/apt-layer/debconf-answers';

/** The tree of a system that has these answers before packages ask: debconf-set-selections(1). */
export async function applyDebconf(
  context: BuildContext,
  tree: Tree,
  answers: readonly DebconfAnswer[],
): Promise<Tree> {
  if (answers.length === 0) return tree;
  const source = `${context.workDirectory}/debconf-answers`;
  const text = answers.map(one => `${one.package} ${one.question} ${one.type} ${one.value}\n`).join('');
  // Answers may be passwords.
  writeForSandbox(context.host.sys, source, { bytes: Buffer.from(text), mode: 0o600 });
  return runStage(context, imageOf(context, tree), {
    name: 'debconf',
    expectedBytes: 0,
    action: scratch =>
      runForSpec(context, scratch, {
        command: ['debconf-set-selections', ANSWERS],
        binds: [{ source, target: ANSWERS }],
        failure: {
          code: 'SPEC_INVALID',
          what: 'debconf: debconf-set-selections refused the answers',
          hint: 'check type and value of each',
        },
      }),
  });
}
