import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { codeDigests } from './scripts/code-digests.mjs';
import RunningOrder from './tests/support/running-order.ts';

/** More would only wait for the disk. */
const WORKERS_MAX = 4;

/**
 * What looks at or changes something that all files share: every mount and process of the machine, the kernel's settings.
 * Everything else keeps to its own temporary directories, so it runs beside others.
 */
const ALONE = ['tests/integration/maintainer-scripts.test.ts'];

/** Machines of all tests share an address of the host; those of an ordinary run do not need it. */
const oneMachine = process.env['APT_LAYER_VM'] === 'all' ? { fileParallelism: false } : {};

const digests = JSON.stringify(await codeDigests());
/** As scripts/build.mjs has it, so that both find what the other made. Each project needs one of its own: vitest takes it apart. */
const define = () => ({ APT_LAYER_CODE: digests });

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: Math.min(availableParallelism(), WORKERS_MAX),
    // Builds dist/, once: the program and node's worker threads are run from there.
    globalSetup: ['tests/support/global-setup.ts'],
    sequence: { sequencer: RunningOrder },
    reporters: ['default', './tests/support/closing-line.ts'],
    projects: [
      { define: define(), test: { name: 'unit', include: ['src/**/*.test.ts'], testTimeout: 120_000 } },
      {
        define: define(),
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          exclude: ALONE,
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
      {
        define: define(),
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          // Each wait for a machine has a limit of its own.
          testTimeout: 14_400_000,
          hookTimeout: 14_400_000,
          ...oneMachine,
        },
      },
      {
        define: define(),
        test: {
          name: 'alone',
          include: ALONE,
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
