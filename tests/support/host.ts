import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Host } from '../../src/host/index.ts';
import { createRunner } from '../../src/process/index.ts';
import { type ProgressEvent, silentReporter } from '../../src/report/index.ts';
import { createSys } from '../../src/sys/index.ts';

/** A real host for tests, with any part replaced. */
export function testHost(parts: Partial<Host> = {}): Host {
  return {
    sys: createSys(parts.fault),
    runner: createRunner(),
    environment: {},
    registries: {
      ...{ authFile: undefined, machineAuthFiles: [], tlsVerify: undefined, environment: {} },
      ...{
        policyFiles: ['/etc/containers/policy.json'],
        signatureDirectories: ['/etc/containers/registries.d'],
      },
    },
    engine: { asked: undefined, configured: async () => undefined },
    clock: () => new Date(),
    random: randomBytes,
    report: silentReporter,
    signal: new AbortController().signal,
    architecture: 'amd64',
    kernelRelease: release(),
    privateMounts: false,
    runDirectory: '/run/apt-layer',
    scriptLimits: async () => ({ idleMs: 30 * 60_000, processes: 4096, memory: { part: 0.9 } }),
    workerScript: pathToFileURL(join(import.meta.dirname, '../../dist/worker.mjs')),
    fault: undefined,
    ...parts,
  };
}

/** A reporter that keeps what it is told. */
export function recordingReporter(): { events: ProgressEvent[]; emit(event: ProgressEvent): void } {
  const events: ProgressEvent[] = [];
  return { events, emit: event => void events.push(event) };
}

/** A directory that goes with the `using` scope. */
export function scratchDirectory(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'apt-layer-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
