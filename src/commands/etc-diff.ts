import { type EtcChange, listDeployments, readEtcDrift, selectAmong } from '../deployment/index.ts';
import { AptLayerError, ERROR_CODES } from '../errors/index.ts';
import { log } from '../report/index.ts';
import type { CommandImplementation } from './definition.ts';

interface Result {
  readonly deployment: string;
  readonly changes: readonly EtcChange[];
  /** Paths of /etc that only root can compare. */
  readonly needsRoot: readonly string[];
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
    const { changes, closed } = readEtcDrift(app, deployment);
    const needsRoot = closed.map(path => `/etc${path}`);
    if (needsRoot.length > 0)
      log(
        app.host.report,
        'warning',
        `${needsRoot.length === 1 ? 'one path needs' : `${needsRoot.length} paths need`} root to be compared: run it with sudo`,
      );
    return { deployment: deployment.id, changes, needsRoot };
  },
  render({ deployment, changes, needsRoot }, style) {
    if (changes.length === 0 && needsRoot.length === 0)
      return `/etc of ${deployment} is as its image has it.\n`;
    const lines = changes.map(({ path, change, what }) => {
      const detail = what.length === 0 ? '' : ` (${what.join(', ')})`;
      return `${style.bold(SIGNS[change])} /etc${path}${detail}\n`;
    });
    return [...lines, ...needsRoot.map(path => `${style.bold('?')} ${path} (needs root)\n`)].join('');
  },
  exitCode: ({ needsRoot }) => (needsRoot.length === 0 ? 0 : ERROR_CODES.PERMISSION.exit),
};
