import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertDeploymentName, deploymentId, deploymentSerial, isDeploymentId } from './name.ts';

const date = new Date('2025-01-28T14:30:22.999Z');

describe('deploymentId', () => {
  it('is name, date and time in UTC, with a number when that is taken', () => {
    const taken = new Set<string>();
    const made = [1, 2, 3].map(() => {
      const id = deploymentId('my-deployment', date, taken);
      taken.add(id);
      return id;
    });
    expect(made).toStrictEqual([
      'my-deployment-20250128-143022',
      'my-deployment-20250128-143022-2',
      'my-deployment-20250128-143022-3',
    ]);
    expect(made.map(deploymentSerial)).toStrictEqual([0, 1, 2]);
    expect(made.every(isDeploymentId)).toBe(true);
  });

  it('takes a name that looks like an id', () => {
    const id = deploymentId('a-20250128-143022', date, new Set());
    expect(id).toBe('a-20250128-143022-20250128-143022');
    expect(deploymentSerial(id)).toBe(0);
  });

  const bad = ['', '-a', '.a', '..', 'A', 'a/b', 'a b', 'ä', 'a\n', 'x'.repeat(65), '../x'];
  it.each(bad)('refuses the name %j', name => {
    expect(() => assertDeploymentName(name)).toThrow(/cannot be the name/);
  });
});

describe('isDeploymentId', () => {
  it('never takes what could leave its directory', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        if (isDeploymentId(text)) expect(text).toMatch(/^[a-z0-9][a-z0-9._-]*$/);
      }),
    );
    for (const text of ['..', '.', 'a/b-20250128-143022', '.tmp-a-20250128-143022', 'a-20250128-143022-1x'])
      expect(isDeploymentId(text)).toBe(false);
  });
});
