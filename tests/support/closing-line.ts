import type { Reporter, TestModule } from 'vitest/node';

/** Prints `N passed, N failed, N skipped` as the last line, which CI reads. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    // When nothing ran, what should have prepared it failed.
    let broken = Math.max(errors.length, modules.length === 0 ? 1 : 0);
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1;
      if (module.errors().length > 0) broken += 1;
    }
    const line = `${count.passed} passed, ${count.failed + broken} failed, ${count.skipped} skipped`;
    // After the default reporter's own summary.
    setImmediate(() => process.stdout.write(`\n${line}\n`));
  }
}
