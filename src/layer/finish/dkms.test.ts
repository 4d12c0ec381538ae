import { describe, expect, it } from 'vitest';
import { directory, memoryTree, readInline } from '../../../tests/support/memory-package.ts';
import { assertModulesBuilt, missingModules } from './dkms.ts';

const KERNEL = '6.12.1+deb13-cloud-amd64';
const SOURCE = {
  [`/usr/lib/modules/${KERNEL}/vmlinuz`]: 'kernel',
  '/usr/src/acpi-call-1.2.2/dkms.conf':
    'PACKAGE_NAME="acpi-call"\nPACKAGE_VERSION=1.2.2\nAUTOINSTALL="yes"\n',
};

describe('modules of DKMS', () => {
  it('are missing until they are built for each kernel', () => {
    expect(missingModules(memoryTree(SOURCE), readInline)).toStrictEqual([
      { module: 'acpi-call', version: '1.2.2', kernel: KERNEL },
    ]);
    const built = { ...SOURCE, [`/var/lib/dkms/acpi-call/1.2.2/${KERNEL}/x86_64/module`]: directory() };
    expect(missingModules(memoryTree(built), readInline)).toStrictEqual([]);
  });

  it('are left alone when they choose their kernels, or when there is none', () => {
    const exclusive = {
      ...SOURCE,
      '/usr/src/acpi-call-1.2.2/dkms.conf':
        'PACKAGE_NAME=a\nPACKAGE_VERSION=1\nBUILD_EXCLUSIVE_ARCH="arm64"\n',
    };
    expect(missingModules(memoryTree(exclusive), readInline)).toStrictEqual([]);
    const { [`/usr/lib/modules/${KERNEL}/vmlinuz`]: _, ...container } = SOURCE;
    expect(missingModules(memoryTree(container), readInline)).toStrictEqual([]);
  });

  it('stop a build with the package that is missing', () => {
    expect(() => assertModulesBuilt(memoryTree(SOURCE), readInline, '/log')).toThrow(
      /acpi-call 1.2.2 for 6.12.1/,
    );
    try {
      assertModulesBuilt(memoryTree(SOURCE), readInline, '/log');
    } catch (error) {
      expect((error as { hint?: string }).hint).toContain('linux-headers-cloud-amd64');
    }
  });
});
