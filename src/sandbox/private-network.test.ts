import { expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../tests/support/host.ts';
import { createSys } from '../sys/index.ts';
import { hasPrivateNetwork, openPrivateNetwork } from './private-network.ts';

it('a host without pasta has none, and is told which package has it', async () => {
  using scratch = scratchDirectory();
  const sys = createSys();
  const host = testHost({
    sys: {
      ...sys,
      lstatIfExists: path => (/\/pasta$/.test(String(path)) ? undefined : sys.lstatIfExists(path)),
    },
  });
  expect(hasPrivateNetwork(host)).toBe(false);
  await expect(openPrivateNetwork(host, scratch.path)).rejects.toMatchObject({
    code: 'HOST_UNSUPPORTED',
    message: 'a private network needs passt',
    hint: 'apt-get install passt',
  });
});
