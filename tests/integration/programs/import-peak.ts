import { statSync } from 'node:fs';
import { importPackages } from '../../../src/layer/package/index.ts';
import { ensureStore } from '../../../src/store/store.ts';
import { testHost } from '../../support/host.ts';

/** import-peak STORE DEB SHA256: imports a package and prints the most memory that took, in MiB, or what it failed with. */
const [store = '', path = '', sha256 = ''] = process.argv.slice(2);
const KIB_PER_MIB = 1024;
try {
  const deb = { path, sha256, size: statSync(path).size };
  await importPackages(ensureStore(testHost(), store), [deb]);
  console.log(Math.round(process.resourceUsage().maxRSS / KIB_PER_MIB));
} catch (error) {
  console.log((error as Error).message);
}
