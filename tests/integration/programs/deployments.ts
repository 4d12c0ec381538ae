/**
 * Changes the deployments of a sysroot, for tests that kill it: `deployments.mjs SYSROOT VERB ARGUMENT...`. Takes
 * APT_LAYER_FAULT as the program does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  applySwitch,
  cleanup,
  createDeployment,
  deploymentRecovery,
  planDeploy,
  storePath,
} from '../../../src/deployment/index.ts';
import { AptLayerError } from '../../../src/errors/index.ts';
import { ensureStore } from '../../../src/store/store.ts';
import { parseFault } from '../../../src/sys/index.ts';
import { type Transaction, withTransaction } from '../../../src/transaction/index.ts';
import { testHost } from '../../support/host.ts';

const [sysroot = '', verb = '', argument = ''] = process.argv.slice(2);
const fault = parseFault(process.env['APT_LAYER_FAULT'] ?? '');
const host = testHost({ fault });
const wait = Number(process.env['WAIT'] ?? 0);
const options = { verb, commandLine: `${verb} ${argument}`, wait, recovery: [deploymentRecovery] };

const verbs: Record<string, (transaction: Transaction) => Promise<unknown>> = {
  create: transaction =>
    createDeployment(transaction.host, ensureStore(host, storePath(sysroot)), transaction, {
      name: 'web',
      image: argument,
      base: { request: 'local://base', digest: argument },
      version: undefined,
      specText: 'base-image: local://base\n',
      lockText: '{}\n',
      origin: { spec: undefined, lock: undefined },
      requestedPackages: ['vim'],
      packages: ['vim_9_amd64'],
    }),
  deploy: async transaction =>
    applySwitch(transaction, planDeploy({ host: transaction.host, sysroot }, argument)),
  cleanup: async transaction => cleanup(transaction),
  nothing: async () => undefined,
  hold: async () => {
    process.stdout.write('held\n');
    await sleep(Number(argument));
  },
};

try {
  const action = verbs[verb];
  if (action === undefined) throw new Error(`no verb ${verb}`);
  const result = await withTransaction({ host, sysroot }, options, action);
  if (typeof result === 'string') process.stdout.write(`${result}\n`);
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = error instanceof AptLayerError ? error.exitCode : 70;
}
process.stderr.write(`changes ${fault === undefined ? 0 : Atomics.load(fault.counter, 0)}\n`);
