import { execFileSync, spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { ABIS, type Abi } from './abi.ts';
import { DENIED } from './denied.ts';
import { syscallNumber } from './numbers.ts';

const RESOLVER = 'scmp_sys_resolver';
const isInstalled = spawnSync(RESOLVER, ['read']).status === 0;
/** Calls that came after Debian 12's libseccomp; the three that it has and Debian 12's does not know are 0 there. */
const UNKNOWN_TO_LIBSECCOMP = new Set(['open_tree_attr', 'listns', 'quotactl_fd', 'set_mempolicy_home_node']);
/** libseccomp counts what i386 once had through socketcall(2) alone below zero. */
const I386_SOCKET = 359;

const [amd64, i386] = ABIS['amd64'] as [Abi, Abi];
const [arm64, arm] = ABIS['arm64'] as [Abi, Abi];
const [riscv64] = ABIS['riscv64'] as [Abi];

it.skipIf(!isInstalled).each([
  ['x86_64', amd64],
  ['x86', i386],
  ['aarch64', arm64],
  ['arm', arm],
  ['riscv64', riscv64],
])(
  `the numbers of %s are those of libseccomp (needs ${RESOLVER} of Debian's package seccomp)`,
  (name, abi) => {
    const names = new Set(DENIED.flatMap(({ rules }) => rules.flatMap(rule => rule.names)));
    const wrong: string[] = [];
    for (const syscall of names) {
      if (UNKNOWN_TO_LIBSECCOMP.has(syscall)) continue;
      const found = Number(execFileSync(RESOLVER, ['-a', name, syscall], { encoding: 'utf8' }));
      const known = found < 0 && syscall === 'socket' && abi === i386 ? I386_SOCKET : found;
      const ours = syscallNumber(syscall, abi);
      if ((known < 0 ? undefined : known) !== ours) wrong.push(`${syscall}: ${known}, here ${ours}`);
    }
    expect(wrong).toEqual([]);
  },
);

it('every ABI has calls by handle, which are what matters most', () => {
  for (const abi of Object.values(ABIS).flat())
    expect(syscallNumber('open_by_handle_at', abi)).toBeGreaterThan(200);
});
