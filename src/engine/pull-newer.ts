import { movingImages } from '../formats/containerfile/index.ts';
import type { EngineName, Host } from '../host/index.ts';
import { CommandFailed } from '../process/index.ts';
import { log, step } from '../report/index.ts';
import { accessOptions } from './arguments.ts';
import type { OpenContext } from './context.ts';

interface Pull {
  readonly engine: EngineName;
  readonly context: OpenContext;
  readonly authFile: string | undefined;
  readonly onOutput: (chunk: Buffer) => void;
}

/**
 * Fetches the images of FROM again where registries have others by now. `build --pull` means something else to each engine and version: none at all, or an error
 * for an image that is on this machine alone. One that cannot be fetched is a warning: the build says whether it can do without.
 */
export async function pullNewer(host: Host, { engine, context, authFile, onOutput }: Pull): Promise<void> {
  for (const image of movingImages(context.text.toString('utf8'), context.buildArguments)) {
    const options = engine === 'docker' ? [] : accessOptions(host, authFile);
    const always = engine === 'buildah' ? ['--policy=always'] : [];
    const args = ['pull', '--quiet', ...always, ...options, '--', image];
    try {
      await step(host.report, 'pull', `Looking for a newer ${image}`, () =>
        host.runner.run(
          { tool: engine, args, env: host.registries.environment },
          { mergeOutput: true, onOutput },
        ),
      );
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      const reason = error.stderrTail.trim().split('\n').at(-1) ?? '';
      log(
        host.report,
        'warning',
        `${image} could not be fetched again, and is used as it is here: ${reason}`,
      );
    }
  }
}
