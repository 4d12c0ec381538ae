import { type EtcChange, listDeployments, readEtcDrift, selectAmong } from '../deployment/index.ts';
import { AptLayerError } from '../errors/index.ts';
import type { CommandImplementation } from './definition.ts';

interface Result {
  readonly deployment: string;
  readonly changes: readonly EtcChange[];
}

const SIGNS = { added: 'A', removed: 'D', changed: 'M' } as const;

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const deployments = listDeployments(app);
    const running = deployments.some(one => one.booted) ? 'booted' : '0';
    const deployment = selectAmong(deployments, args.optionalArgument('ID') ?? running);
    if (!deployment.finalized)
      throw new AptLayerError('FAILED', `${deployment.id} is staged, and gets its /etc at shutdown`, {
        hint: 'see the one of the running deployment: apt-layer etc diff booted',
      });
    return { deployment: deployment.id, changes: readEtcDrift(app, deployment) };
  },
  render({ deployment, changes }, style) {
    if (changes.length === 0) return `/etc of ${deployment} is as its image has it.\n`;
    return changes
      .map(({ path, change, what }) => {
        const detail = what.length === 0 ? '' : ` (${what.join(', ')})`;
        return `${style.bold(SIGNS[change])} /etc${path}${detail}\n`;
      })
      .join('');
  },
};
