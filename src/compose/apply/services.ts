import type { Tree } from '../../formats/tree/index.ts';
import { type BuildContext, imageOf, runStage } from '../../layer/index.ts';
import type { Services } from '../spec/index.ts';
import { runForSpec } from './in-sandbox.ts';

/** The order matters: what is masked cannot be enabled. */
const VERBS = ['disable', 'enable', 'mask'] as const;

/** The tree with units enabled, disabled and masked by the system's own systemctl, which works offline. */
export async function applyServices(context: BuildContext, tree: Tree, services: Services): Promise<Tree> {
  const verbs = VERBS.filter(verb => services[verb].length > 0);
  if (verbs.length === 0) return tree;
  return runStage(context, imageOf(context, tree), {
    name: 'services',
    expectedBytes: 0,
    async action(scratch) {
      for (const verb of verbs)
        await runForSpec(context, scratch, {
          command: ['systemctl', '--no-reload', verb, '--', ...services[verb]],
          environment: { SYSTEMD_OFFLINE: '1' },
          failure: {
            code: 'SPEC_INVALID',
            what: `services.${verb}: systemctl could not ${verb} ${services[verb].join(', ')}`,
            hint: 'check the unit names, and that a layer brings them',
          },
        });
    },
  });
}
