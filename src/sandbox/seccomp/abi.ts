/** Columns of the table of numbers; `generic` is that of arm64 and of every architecture that came after it. */
type NumberColumn = 'amd64' | 'i386' | 'generic' | 'arm';

/** One way of calling the kernel. */
export interface Abi {
  /** AUDIT_ARCH_* of <linux/audit.h>: how the kernel names it to a filter. */
  readonly auditArchitecture: number;
  readonly numbers: NumberColumn;
  /** Bit of a call's number that makes it one of another ABI with the same name: x32's. Such calls get ENOSYS. */
  readonly foreignBit?: number;
  /** First and last number of calls far above the others, which are allowed. */
  readonly privateCalls?: readonly [number, number];
}

const AMD64: Abi = { auditArchitecture: 0xc000003e, numbers: 'amd64', foreignBit: 0x40000000 };
const I386: Abi = { auditArchitecture: 0x40000003, numbers: 'i386' };
const ARM64: Abi = { auditArchitecture: 0xc00000b7, numbers: 'generic' };
/** EABI. Its own calls are breakpoint, cacheflush, usr26, usr32, set_tls and get_tls. */
const ARM: Abi = { auditArchitecture: 0x40000028, numbers: 'arm', privateCalls: [0xf0001, 0xf0006] };
const RISCV64: Abi = { auditArchitecture: 0xc00000f3, numbers: 'generic' };
const LOONG64: Abi = { auditArchitecture: 0xc0000102, numbers: 'generic' };

/** Every ABI whose programs a host can run, by dpkg's name of its architecture. */
export const ABIS: Readonly<Record<string, readonly Abi[]>> = {
  amd64: [AMD64, I386],
  i386: [I386, AMD64],
  arm64: [ARM64, ARM],
  armhf: [ARM, ARM64],
  riscv64: [RISCV64],
  loong64: [LOONG64],
};
