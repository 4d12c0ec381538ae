import { describe, expect, it } from 'vitest';
import { DENIED } from './denied.ts';
import { seccompFilter } from './filter.ts';

const ALLOW = 'allow';
const KILL = 'kill';

/** What the kernel would do: classic BPF over struct seccomp_data, as far as filters use it. */
function judge(program: Buffer, call: { architecture: number; number: number; args?: readonly bigint[] }) {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number >>> 0, 0);
  data.writeUInt32LE(call.architecture, 4);
  for (const [index, value] of (call.args ?? []).entries()) data.writeBigUInt64LE(value, 16 + 8 * index);
  let accumulator = 0;
  for (let at = 0; at < program.length / 8; at += 1) {
    const code = program.readUInt16LE(at * 8);
    const k = program.readUInt32LE(at * 8 + 4);
    const holds = { 21: accumulator === k, 37: accumulator > k, 69: (accumulator & k) !== 0 }[code];
    if (code === 0x20) accumulator = data.readUInt32LE(k);
    else if (code === 0x05) at += k;
    else if (code === 0x06) return outcome(k);
    else if (holds === undefined) throw new Error(`no instruction has the code ${code}`);
    else at += program.readUInt8(at * 8 + (holds ? 2 : 3));
  }
  throw new Error('the program does not end');
}

function outcome(value: number): string {
  if (value === 0x7fff0000) return ALLOW;
  if (value === 0x80000000) return KILL;
  return `errno ${value & 0xffff}`;
}

const AMD64 = 0xc000003e;
const I386 = 0x40000003;
const ARM64 = 0xc00000b7;
const ARM = 0x40000028;
const EPERM = 'errno 1';
const EINVAL = 'errno 22';
const ENOSYS = 'errno 38';
const EAFNOSUPPORT = 'errno 97';

describe.each([
  [
    'amd64',
    AMD64,
    { open_by_handle_at: 304, keyctl: 250, clone: 56, ioctl: 16, socket: 41, personality: 135 },
  ],
  [
    'amd64',
    I386,
    { open_by_handle_at: 342, keyctl: 288, clone: 120, ioctl: 54, socket: 359, personality: 136 },
  ],
  [
    'arm64',
    ARM64,
    { open_by_handle_at: 265, keyctl: 219, clone: 220, ioctl: 29, socket: 198, personality: 92 },
  ],
  [
    'arm64',
    ARM,
    { open_by_handle_at: 371, keyctl: 311, clone: 120, ioctl: 54, socket: 281, personality: 136 },
  ],
] as const)('the filter of %s, for calls of ABI %i', (host, architecture, numbers) => {
  const program = seccompFilter(host);
  const call = (number: number, ...args: bigint[]) => judge(program, { architecture, number, args });

  it('denies what is denied whatever its arguments', () => {
    expect(call(numbers.open_by_handle_at)).toBe(EPERM);
    expect(call(numbers.keyctl)).toBe(EPERM);
    expect(call(435)).toBe(ENOSYS);
    expect(call(425)).toBe(ENOSYS);
    expect(call(442)).toBe(EPERM);
  });

  it('has no calls that are newer than the table', () => {
    expect(call(469)).toBe(ALLOW);
    expect(call(471)).toBe(ENOSYS);
    expect(call(0xefffffff)).toBe(ENOSYS);
  });

  it('starts processes and threads, but no namespaces', () => {
    expect(call(numbers.clone, 0x01200011n)).toBe(ALLOW);
    expect(call(numbers.clone, 0x003d0f00n)).toBe(ALLOW);
    for (const bit of [
      0x20000n,
      0x02000000n,
      0x04000000n,
      0x08000000n,
      0x10000000n,
      0x20000000n,
      0x40000000n,
    ])
      expect(call(numbers.clone, bit + 17n)).toBe(EPERM);
  });

  it('looks at the low half of an argument, as the kernel does', () => {
    expect(call(numbers.ioctl, 0n, 0x5412n)).toBe(EPERM);
    expect(call(numbers.ioctl, 0n, 0x541cn)).toBe(EPERM);
    expect(call(numbers.ioctl, 0n, 0xdeadbeef00005412n)).toBe(EPERM);
    expect(call(numbers.ioctl, 0x5412n, 0x5413n)).toBe(ALLOW);
  });

  it('opens sockets that a namespace holds', () => {
    expect(call(numbers.socket, 1n, 1n, 0n)).toBe(ALLOW);
    expect(call(numbers.socket, 16n, 3n, 0n)).toBe(ALLOW);
    expect(call(numbers.socket, 2n, 3n, 9n)).toBe(ALLOW);
    expect(call(numbers.socket, 16n, 3n, 9n)).toBe(EINVAL);
    expect(call(numbers.socket, 40n, 1n, 0n)).toBe(EAFNOSUPPORT);
  });

  it('knows the personalities that programs of the image need', () => {
    for (const value of [0n, 8n, 0x20000n, 0x20008n, 0xffffffffn, 0xffffffffffffffffn])
      expect(call(numbers.personality, value)).toBe(ALLOW);
    expect(call(numbers.personality, 0x40000n)).toBe(EPERM);
  });
});

describe('what runs nowhere', () => {
  it('is x32 on a host of amd64, whatever the call', () => {
    const program = seccompFilter('amd64');
    for (const number of [0, 304, 520, 546])
      expect(judge(program, { architecture: AMD64, number: 0x40000000 + number })).toBe(ENOSYS);
  });

  it('is another architecture, at all', () => {
    expect(judge(seccompFilter('amd64'), { architecture: ARM64, number: 0 })).toBe(KILL);
    expect(judge(seccompFilter('arm64'), { architecture: AMD64, number: 0 })).toBe(KILL);
  });

  it('but what ARM has beside its table, does', () => {
    const program = seccompFilter('arm64');
    for (const number of [0xf0001, 0xf0005, 0xf0006])
      expect(judge(program, { architecture: ARM, number })).toBe(ALLOW);
    for (const number of [0xf0000, 0xf0007])
      expect(judge(program, { architecture: ARM, number })).toBe(ENOSYS);
    expect(judge(program, { architecture: ARM64, number: 0xf0002 })).toBe(ENOSYS);
  });

  it('is anything on a host whose calls are not known', () => {
    expect(() => seccompFilter('s390x')).toThrow('there is no filter of system calls for s390x');
  });
});

/** What the default profile of podman (containers-common 0.50.1) denies without capabilities beyond the usual ones. */
const PODMAN = [
  ...['acct', 'bdflush', 'bpf', 'clock_settime', 'clock_settime64', 'delete_module', 'fanotify_init'],
  ...['finit_module', 'init_module', 'ioperm', 'iopl', 'kcmp', 'kexec_file_load', 'kexec_load'],
  ...['lookup_dcookie', 'migrate_pages', 'move_pages', 'nfsservctl', 'open_by_handle_at', 'perf_event_open'],
  ...['process_madvise', 'query_module', 'quotactl', 'setdomainname', 'sethostname', 'setns', 'settimeofday'],
  ...['stime', 'swapoff', 'swapon', 'sysfs', 'uselib', 'userfaultfd', 'ustat', 'vhangup', 'vm86', 'vm86old'],
  ...['vmsplice', 'io_uring_setup', 'io_uring_enter', 'io_uring_register', 'quotactl_fd'],
];

it('denies what podman denies', () => {
  const names = new Set<string>(DENIED.flatMap(({ rules }) => rules.flatMap(rule => rule.names)));
  expect(PODMAN.filter(name => !names.has(name))).toEqual([]);
});
