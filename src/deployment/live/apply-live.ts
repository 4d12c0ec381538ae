import { dirname } from 'node:path';
import { AptLayerError } from '../../errors/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import { removeLeftover, temporaryBeside } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { ANY_EXIT_CODE } from '../../process/index.ts';
import { openStore, readImage } from '../../store/index.ts';
import { type Sysroot, statePaths, type Transaction } from '../../transaction/index.ts';
import { mergeContinuedEtc, renumbersAccounts } from '../continued-etc.ts';
import { diffImages } from '../image-diff.ts';
import type { Deployment } from '../model.ts';
import { mountableImage } from '../mountable.ts';
import type { PackageDiff } from '../package-diff.ts';
import { etcPath, storePath } from '../paths.ts';
import { selectDeployment } from '../select.ts';
import { seedVar } from '../var.ts';
import { noteLiveState, readLiveState } from './live-state.ts';
import { unitsToRestart } from './restarts.ts';
import { bootedDeployment, replaceUsr } from './running.ts';

/** What applying a deployment to the running system changes. */
export interface LivePlan {
  readonly deployment: Deployment;
  readonly packages: PackageDiff;
}

export interface AppliedLive extends LivePlan {
  /** Paths below /etc that came or changed. */
  readonly etc: readonly string[];
  /** Units that still run what was replaced. */
  readonly restart: readonly string[];
}

/**
 * The deployment that would be applied, by default the next one, and what it brings. Packages that are already running in another
 * version, or would go, are refused unless `allowReplacement`: only a restart makes all of such a change.
 */
export function planApplyLive(
  at: Sysroot,
  options: { readonly wanted?: string; readonly allowReplacement: boolean },
): LivePlan {
  const { host, sysroot } = at;
  const booted = bootedDeployment(at);
  const deployment = selectDeployment(at, options.wanted);
  if (readLiveState(host).unlocked)
    throw new AptLayerError(
      'FAILED',
      '/usr is writable since `usroverlay`, and would lose what was written',
      {
        hint: 'restart the machine first',
      },
    );
  const store = openStore(host, storePath(sysroot));
  const { packages } = diffImages(
    store,
    { before: booted.image, after: deployment.image },
    { packages: true, files: false },
  );
  if (packages === undefined) throw new Error('packages were compared');
  const replaced = [...packages.removed, ...packages.upgraded, ...packages.downgraded].map(one => one.name);
  if (replaced.length > 0 && !options.allowReplacement)
    throw new AptLayerError(
      'FAILED',
      `it would replace or remove packages that run: ${replaced.join(', ')}`,
      {
        hint: 'restart into it, or say --allow-replacement',
      },
    );
  return { deployment, packages };
}

/** Puts /usr of the deployment in the place of the running one, and what is new in its /etc and /var beside the machine's. */
export async function applyLive(transaction: Transaction, plan: LivePlan): Promise<AppliedLive> {
  const { host, sysroot } = transaction;
  const { deployment } = plan;
  const store = openStore(host, storePath(sysroot));
  const booted = bootedDeployment(transaction);
  const [before, after] = [readImage(store, booted.image), readImage(store, deployment.image)];
  transaction.step('apply-live', { deployment: deployment.id });
  await seedVar(host, store, { tree: after, sysroot, name: booted.name });
  const etc = await applyEtc(transaction, after, renumbersAccounts(transaction, deployment.id));
  await replaceUsr(host, { image: mountableImage(transaction, deployment.image), writable: false });
  noteLiveState(host, { replaced: deployment.id });
  await tell(host);
  return { ...plan, etc, restart: unitsToRestart(host, { before, after }) };
}

/** Copies what the merge changed into the live /etc, file by file. */
async function applyEtc(transaction: Transaction, image: Tree, renumberAccounts: boolean): Promise<string[]> {
  const { host, sysroot } = transaction;
  const merged = temporaryBeside(`${statePaths(sysroot).deployments}/etc`);
  try {
    const booted = bootedDeployment(transaction);
    const options = { name: booted.name, image, target: merged, renumberAccounts };
    const done = await mergeContinuedEtc(transaction, options);
    const live = etcPath(sysroot, booted.id);
    const taken = (done?.verdicts ?? [])
      .filter(one => ['added', 'updated', 'merged'].includes(one.verdict))
      .map(one => one.path);
    for (const path of taken) {
      await host.runner.run({ tool: 'mkdir', args: ['-p', '--', dirname(`${live}${path}`)] });
      const args = ['-a', '--remove-destination', '-T', '--', `${merged}${path}`, `${live}${path}`];
      await host.runner.run({ tool: 'cp', args });
    }
    return taken;
  } finally {
    removeLeftover(host, merged);
  }
}

/** What a boot would do with new units, users and directories. A tool that fails is not worth failing for: all is in place. */
async function tell(host: Host): Promise<void> {
  const run = (tool: string, ...args: string[]) =>
    host.runner.run({ tool, args }, { okCodes: ANY_EXIT_CODE });
  await run('systemd-sysusers');
  await run('systemd-tmpfiles', '--create', '--exclude-prefix=/dev');
  await run('systemctl', 'daemon-reload');
  // Keys and databases that new packages need; it is there when the image lacks any.
  await run('systemctl', 'restart', 'apt-layer-secrets.service');
}
