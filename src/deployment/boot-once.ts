import { AptLayerError } from '../errors/index.ts';
import type { Transaction } from '../transaction/index.ts';
import { chooseOnce, readLoader } from './loader.ts';
import { selectDeployment } from './select.ts';

/**
 * Has the next boot take a deployment, and only that one; returns its id. FAILED where no boot loader has an entry of it, HOST_UNSUPPORTED where the
 * firmware cannot be told.
 */
export async function bootOnce(transaction: Transaction, wanted: string): Promise<string> {
  const { id } = selectDeployment(transaction, wanted);
  const loader = await readLoader(transaction);
  if (loader?.state.entries.some(one => one.id === id) !== true)
    throw new AptLayerError('FAILED', `no boot loader has an entry of ${id}`, {
      hint: 'see `apt-layer bootloader status`; what is staged gets its entry with `apt-layer finalize`',
    });
  await chooseOnce(transaction, id);
  return id;
}
