import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../errors/index.ts';
import { type DiskNeeds, partitionNumber, planPartitions, sfdiskScript } from './partition-plan.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

function needs(parts: Partial<DiskNeeds> = {}): DiskNeeds {
  let count = 0;
  return {
    loader: 'systemd-boot',
    diskBytes: 8 * GIB,
    sectorBytes: 512,
    kernelBytes: 60 * MIB,
    rootBytes: GIB,
    newUuid: () => `${String(++count).padStart(8, '0')}-0000-4000-8000-000000000000`,
    ...parts,
  };
}

const sizes = (parts: Partial<DiskNeeds>) =>
  planPartitions(needs(parts)).partitions.map(({ role, sizeBytes }) => [role, sizeBytes / MIB]);

describe('planPartitions', () => {
  it.each<[string, Partial<DiskNeeds>, [string, number][]]>([
    [
      'systemd-boot',
      {},
      [
        ['esp', 512],
        ['root', 7678],
      ],
    ],
    [
      'grub',
      { loader: 'grub' },
      [
        ['bios', 1],
        ['esp', 128],
        ['boot', 768],
        ['root', 7293],
      ],
    ],
    [
      'a small disk',
      { diskBytes: 2 * GIB },
      [
        ['esp', 256],
        ['root', 1790],
      ],
    ],
    [
      'three kernels fit in any case',
      { diskBytes: 2 * GIB, kernelBytes: 100 * MIB },
      [
        ['esp', 316],
        ['root', 1730],
      ],
    ],
    [
      'large kernels on a large disk',
      { kernelBytes: 300 * MIB },
      [
        ['esp', 916],
        ['root', 7274],
      ],
    ],
    [
      'a small disk for grub',
      { diskBytes: 600 * MIB, kernelBytes: 8 * MIB, rootBytes: 50 * MIB, loader: 'grub' },
      [
        ['bios', 1],
        ['esp', 75],
        ['boot', 75],
        ['root', 447],
      ],
    ],
    [
      'an odd size',
      { diskBytes: 8 * GIB - 12_345 },
      [
        ['esp', 512],
        ['root', 7677],
      ],
    ],
  ])('%s', (_, parts, expected) => {
    expect(sizes(parts)).toEqual(expected);
  });

  it('refuses a disk that is too small with the numbers', () => {
    const plan = () => planPartitions(needs({ diskBytes: GIB }));
    expect(plan).toThrow('the disk has 1024 MiB; at least 1222 MiB are needed (esp 196 MiB, root 1024 MiB)');
    expect(plan).toThrow(expect.objectContaining({ code: 'NO_SPACE' }));
  });

  it('lays partitions one after the other within the disk', () => {
    const disks = fc.record({
      loader: fc.constantFrom('grub' as const, 'systemd-boot' as const),
      diskBytes: fc.integer({ min: 1, max: 2 ** 42 }),
      kernelBytes: fc.integer({ min: 1, max: GIB }),
      rootBytes: fc.integer({ min: 1, max: 2 ** 40 }),
    });
    fc.assert(
      fc.property(disks, parts => {
        let end = MIB;
        try {
          for (const { startBytes, sizeBytes } of planPartitions(needs(parts)).partitions) {
            expect(startBytes).toBe(end);
            expect(sizeBytes % MIB).toBe(0);
            expect(sizeBytes).toBeGreaterThan(0);
            end = startBytes + sizeBytes;
          }
          // The second copy of the table takes 33 sectors.
          expect(end).toBeLessThanOrEqual(parts.diskBytes - 33 * 512);
        } catch (error) {
          if (!(error instanceof AptLayerError)) throw error;
          expect(error.code).toBe('NO_SPACE');
        }
      }),
    );
  });
});

it('writes what sfdisk reads', () => {
  const plan = planPartitions(needs({ loader: 'grub' }));
  expect(partitionNumber(plan, 'boot')).toBe(3);
  expect(sfdiskScript(plan).split('\n').slice(0, 4)).toEqual([
    'label: gpt',
    'label-id: 00000009-0000-4000-8000-000000000000',
    'start=1024KiB, size=1024KiB, type=21686148-6449-6E6F-744E-656564454649, uuid=00000001-0000-4000-8000-000000000000, name="bios"',
    'start=2048KiB, size=131072KiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=00000003-0000-4000-8000-000000000000, name="esp"',
  ]);
});
