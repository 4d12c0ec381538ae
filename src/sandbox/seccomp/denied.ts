import type { SyscallName } from './numbers.ts';

/** What a denied call gets. ENOSYS is for calls whose callers then do without, as on an older kernel. */
type Answer = 'EPERM' | 'ENOSYS' | 'EINVAL' | 'EAFNOSUPPORT';

/** A condition on the low 32 bits of an argument; the kernel looks at no more of those that are named here. */
export type ArgumentTest =
  | { readonly argument: number; readonly equals: number }
  | { readonly argument: number; readonly hasAnyBit: number }
  | { readonly argument: number; readonly isNoneOf: readonly number[] };

export interface Rule {
  readonly names: readonly SyscallName[];
  readonly answer: Answer;
  /** Denied only where all of these hold; always without. */
  readonly when?: readonly ArgumentTest[];
}

/** Rules with one reason. docs/sandbox.md has the reasons in words. */
export interface RuleGroup {
  readonly title: string;
  readonly rules: readonly Rule[];
}

// <linux/sched.h>: mount, cgroup, UTS, IPC, user, PID, network; time has a bit of its own, which in clone(2) is part of a signal's number.
const NAMESPACES = 0x7e020000;
const TIME_NAMESPACE = 0x80;
// <asm-generic/ioctls.h>
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
// <sys/socket.h>, <linux/netlink.h>
const AF_NETLINK = 16;
const AF_VSOCK = 40;
const NETLINK_AUDIT = 9;
/** <linux/personality.h>: Linux, Linux with 32 bits, both as UNAME26, and asking only. */
const PERSONALITIES = [0, 8, 0x20000, 0x20008, 0xffffffff];

const eperm = (...names: SyscallName[]): Rule => ({ names, answer: 'EPERM' });

/** Every system call that code of an image is denied, on top of what its capabilities deny. */
export const DENIED: readonly RuleGroup[] = [
  { title: 'files by handle', rules: [eperm('open_by_handle_at', 'name_to_handle_at')] },
  { title: 'keys', rules: [eperm('add_key', 'request_key', 'keyctl')] },
  {
    title: 'inside the kernel',
    rules: [
      eperm('bpf', 'perf_event_open', 'userfaultfd', 'kcmp', 'lookup_dcookie', 'syslog'),
      eperm('init_module', 'finit_module', 'delete_module', 'kexec_load', 'kexec_file_load'),
      eperm('create_module', 'query_module', 'vm86', 'vm86old', 'iopl', 'ioperm', 'vmsplice', 'uselib'),
      { names: ['io_uring_setup', 'io_uring_enter', 'io_uring_register'], answer: 'ENOSYS' },
      { names: ['personality'], answer: 'EPERM', when: [{ argument: 0, isNoneOf: PERSONALITIES }] },
    ],
  },
  {
    title: 'mounts and namespaces',
    rules: [
      eperm('mount', 'umount', 'umount2', 'pivot_root', 'setns', 'listns'),
      eperm('fsopen', 'fsconfig', 'fsmount', 'fspick', 'open_tree', 'open_tree_attr', 'move_mount'),
      eperm('mount_setattr'),
      // Its flags are behind a pointer, where a filter cannot look; glibc then takes clone.
      { names: ['clone3'], answer: 'ENOSYS' },
      { names: ['clone'], answer: 'EPERM', when: [{ argument: 0, hasAnyBit: NAMESPACES }] },
      {
        names: ['unshare'],
        answer: 'EPERM',
        when: [{ argument: 0, hasAnyBit: NAMESPACES + TIME_NAMESPACE }],
      },
    ],
  },
  {
    title: 'state of the machine',
    rules: [
      eperm('settimeofday', 'stime', 'clock_settime', 'clock_settime64', 'acct', 'swapon', 'swapoff'),
      eperm('reboot', 'sethostname', 'setdomainname', 'quotactl', 'quotactl_fd', 'nfsservctl', 'vhangup'),
      eperm('fanotify_init', 'sysfs', 'ustat', 'bdflush'),
    ],
  },
  {
    title: 'memory of other processes',
    rules: [eperm('move_pages', 'migrate_pages', 'process_madvise', 'set_mempolicy_home_node')],
  },
  {
    title: 'typing into the terminal',
    rules: [TIOCSTI, TIOCLINUX].map(equals => ({
      names: ['ioctl' as const],
      answer: 'EPERM' as const,
      when: [{ argument: 1, equals }],
    })),
  },
  {
    title: 'sockets that no namespace holds',
    rules: [
      {
        names: ['socket'],
        answer: 'EINVAL',
        when: [
          { argument: 0, equals: AF_NETLINK },
          { argument: 2, equals: NETLINK_AUDIT },
        ],
      },
      { names: ['socket'], answer: 'EAFNOSUPPORT', when: [{ argument: 0, equals: AF_VSOCK }] },
    ],
  },
];
