import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { CHECKOUT } from './places.ts';

/**
 * Files that take a minute and more, the longest first: started last, one of them would keep a single core busy after all
 * others are done. One that is missing here only costs time.
 */
const LONGEST_FIRST = [
  'tests/e2e/boot.test.ts',
  'tests/integration/differential-rules.test.ts',
  'tests/integration/bootstrap.test.ts',
  'tests/integration/container-base.test.ts',
  'tests/e2e/power-cut.test.ts',
  'tests/integration/differential.test.ts',
  'tests/integration/interruption.test.ts',
  'tests/integration/import-deb.test.ts',
  'tests/integration/corpus.test.ts',
  'tests/integration/script-patterns.test.ts',
  'tests/integration/oci-layers.test.ts',
  'tests/integration/install.test.ts',
  'tests/integration/interrupt.test.ts',
  'tests/integration/policies.test.ts',
  'tests/integration/deb.test.ts',
  'tests/integration/lint.test.ts',
];

/** The order in which files are started: always the same one, so that a run can be repeated. Those that run alone are last. */
export default class RunningOrder extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const key = ({ moduleId }: TestSpecification) => {
      const name = path.relative(CHECKOUT, moduleId);
      const place = LONGEST_FIRST.indexOf(name);
      return `${String(place < 0 ? LONGEST_FIRST.length : place).padStart(3, '0')} ${name}`;
    };
    return Promise.resolve(files.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)));
  }
}
