/**
 * What the compiler must refuse: a change with a sysroot that is only read. Checked by `npm run check`; nothing runs it. Each
 * `@ts-expect-error` is an error itself when what follows compiles.
 */
import { removeBootloader, writeBootloader, writeBootOrder } from '../../src/boot/index.ts';
import { editOrigin, runChange } from '../../src/compose/change/index.ts';
import {
  adoptEtc,
  applySwitch,
  cleanup,
  createDeployment,
  finalize,
  planDeploy,
  setPinned,
  startBooting,
} from '../../src/deployment/index.ts';
import { deleteRef, openStore, prune, setRef, storePath, writableStore } from '../../src/store/index.ts';
import type { Sysroot, Transaction } from '../../src/transaction/index.ts';

declare const read: Sysroot;
declare const transaction: Transaction;
declare const bootloader: Parameters<typeof writeBootloader>[1];
declare const request: Parameters<typeof createDeployment>[3];
declare const etc: Parameters<typeof adoptEtc>[1];
declare const spec: Parameters<typeof runChange>[1];

// A transaction is a sysroot that can be read.
const both: Sysroot = transaction;
planDeploy(both, '0');
const store = openStore(read.host, storePath(read.sysroot));
const writable = writableStore(transaction);

// @ts-expect-error an edit starts from what is read under the lock
editOrigin(read, []);
// @ts-expect-error
await runChange(read, spec);
// @ts-expect-error
await createDeployment(read.host, writable, read, request);
// @ts-expect-error
await cleanup(read);
// @ts-expect-error
await finalize(read, { keep: false });
// @ts-expect-error
await applySwitch(read, planDeploy(read, '0'));
// @ts-expect-error
setPinned(read, { id: '0', pinned: true });
// @ts-expect-error
await adoptEtc(read, etc);
// @ts-expect-error
writeBootOrder(read, []);
// @ts-expect-error
writeBootloader(read, bootloader);
// @ts-expect-error
removeBootloader(read);
// @ts-expect-error
await startBooting(read, bootloader);
// @ts-expect-error only a transaction gives a store that can be written to
writableStore(read);
// @ts-expect-error
setRef(store, 'base/x', '');
// @ts-expect-error
deleteRef(store, 'base/x');
// @ts-expect-error
prune(store);
