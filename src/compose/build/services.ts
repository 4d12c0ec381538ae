import { AptLayerError } from '../../errors/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import { type BuildContext, type BuiltImage, runStage } from '../../layer/index.ts';
import { CommandFailed } from '../../process/index.ts';
import { runInSandbox } from '../../sandbox/index.ts';
import type { Services } from '../spec/index.ts';

/** The order matters: what is masked cannot be enabled. */
const VERBS = ['disable', 'enable', 'mask'] as const;

export function hasServices(services: Services): boolean {
  return VERBS.some(verb => services[verb].length > 0);
}

/** The tree of `image` with units enabled, disabled and masked by the image's own systemctl, which works offline. */
export function applyServices(context: BuildContext, image: BuiltImage, services: Services): Promise<Tree> {
  return runStage(context, image, {
    name: 'services',
    expectedBytes: 0,
    async action(scratch) {
      for (const verb of VERBS) {
        const units = services[verb];
        if (units.length === 0) continue;
        const command = ['systemctl', '--no-reload', verb, '--', ...units];
        const environment = { SYSTEMD_OFFLINE: '1' };
        await runInSandbox(
          context.host,
          scratch,
          { command, environment },
          { onOutput: context.onOutput },
        ).catch(explain(verb, units));
      }
    },
  });
}

function explain(verb: string, units: readonly string[]) {
  return (error: unknown): never => {
    if (!(error instanceof CommandFailed)) throw error;
    throw new AptLayerError(
      'SPEC_INVALID',
      `services.${verb}: systemctl could not ${verb} ${units.join(', ')}:\n${error.stderrTail.trim()}`,
      {
        hint: 'check the unit names, and that a layer brings them',
        cause: error,
      },
    );
  };
}
