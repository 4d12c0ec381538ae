import { basename } from 'node:path';
import type { Tree } from '../../formats/tree/index.ts';
import { readFileBytes } from '../../fs/index.ts';
import { type BuildContext, imageOf, runStage } from '../../layer/index.ts';
import { step } from '../../report/index.ts';
import { type Scratch, writeForSandbox } from '../../sandbox/index.ts';
import type { SpecScript } from '../spec/index.ts';
import { runForSpec } from './in-sandbox.ts';

/** Where a script finds itself and what it asked for. */
const SCRIPT = '/run/apt-layer/script';
const INPUTS = '/run/apt-layer/inputs';
const SCRIPT_BYTES_MAX = 16 * 1024 * 1024;
/** A script may compile something. */
const EXPECTED_BYTES = 512 * 1024 * 1024;

/**
 * The tree as the spec's scripts leave it, run in order inside the system without network: each as root, with its inputs
 * below `/run/apt-layer/inputs`. One that ends with another code than 0 ends the build.
 */
export async function applyScripts(
  context: BuildContext,
  tree: Tree,
  scripts: readonly SpecScript[],
): Promise<Tree> {
  if (scripts.length === 0) return tree;
  return runStage(context, imageOf(context, tree), {
    name: 'scripts',
    expectedBytes: EXPECTED_BYTES,
    async action(scratch) {
      for (const script of scripts)
        await step(context.host.report, 'script', `Running the script ${script.name}`, () =>
          runScript(context, scratch, script),
        );
    },
  });
}

async function runScript(context: BuildContext, scratch: Scratch, script: SpecScript): Promise<void> {
  const { sys } = context.host;
  const source = `${context.workDirectory}/script`;
  const bytes =
    script.kind === 'inline' ? Buffer.from(script.run) : readFileBytes(sys, script.source, SCRIPT_BYTES_MAX);
  writeForSandbox(sys, source, { bytes, mode: 0o755 });
  const hasInterpreter = bytes.subarray(0, 2).toString('latin1') === '#!';
  await runForSpec(context, scratch, {
    command: hasInterpreter ? [SCRIPT] : ['/bin/sh', '-e', SCRIPT],
    environment: { APT_LAYER_INPUTS: INPUTS, DEBIAN_FRONTEND: 'noninteractive' },
    binds: [
      { source, target: SCRIPT },
      ...script.inputs.map(input => ({ source: input, target: `${INPUTS}/${basename(input)}` })),
    ],
    failure: {
      code: 'FAILED',
      what: `the script ${script.name} failed`,
      hint: 'it runs without network, with its inputs below $APT_LAYER_INPUTS',
    },
  });
}
