import type { Abi } from './abi.ts';

/** In the order of the columns below. */
const COLUMNS = ['amd64', 'i386', 'generic', 'arm'] as const;

type Row = readonly [number | undefined, number | undefined, number | undefined, number | undefined];

/**
 * The numbers of the calls that are denied, from the kernel's own tables (syscall_64.tbl and its like, asm-generic/unistd.h);
 * undefined where an ABI does not have the call.
 */
const NUMBERS = {
  open_by_handle_at: [304, 342, 265, 371],
  name_to_handle_at: [303, 341, 264, 370],
  add_key: [248, 286, 217, 309],
  request_key: [249, 287, 218, 310],
  keyctl: [250, 288, 219, 311],
  bpf: [321, 357, 280, 386],
  perf_event_open: [298, 336, 241, 364],
  userfaultfd: [323, 374, 282, 388],
  kcmp: [312, 349, 272, 378],
  lookup_dcookie: [212, 253, 18, 249],
  syslog: [103, 103, 116, 103],
  init_module: [175, 128, 105, 128],
  finit_module: [313, 350, 273, 379],
  delete_module: [176, 129, 106, 129],
  kexec_load: [246, 283, 104, 347],
  kexec_file_load: [320, undefined, 294, 401],
  create_module: [174, 127, undefined, undefined],
  query_module: [178, 167, undefined, undefined],
  vm86: [undefined, 166, undefined, undefined],
  vm86old: [undefined, 113, undefined, undefined],
  iopl: [172, 110, undefined, undefined],
  ioperm: [173, 101, undefined, undefined],
  vmsplice: [278, 316, 75, 343],
  uselib: [134, 86, undefined, 86],
  io_uring_setup: [425, 425, 425, 425],
  io_uring_enter: [426, 426, 426, 426],
  io_uring_register: [427, 427, 427, 427],
  personality: [135, 136, 92, 136],
  mount: [165, 21, 40, 21],
  umount: [undefined, 22, undefined, undefined],
  umount2: [166, 52, 39, 52],
  pivot_root: [155, 217, 41, 218],
  setns: [308, 346, 268, 375],
  listns: [470, 470, 470, 470],
  fsopen: [430, 430, 430, 430],
  fsconfig: [431, 431, 431, 431],
  fsmount: [432, 432, 432, 432],
  fspick: [433, 433, 433, 433],
  open_tree: [428, 428, 428, 428],
  open_tree_attr: [467, 467, 467, 467],
  move_mount: [429, 429, 429, 429],
  mount_setattr: [442, 442, 442, 442],
  clone3: [435, 435, 435, 435],
  clone: [56, 120, 220, 120],
  unshare: [272, 310, 97, 337],
  settimeofday: [164, 79, 170, 79],
  stime: [undefined, 25, undefined, undefined],
  clock_settime: [227, 264, 112, 262],
  clock_settime64: [undefined, 404, undefined, 404],
  acct: [163, 51, 89, 51],
  swapon: [167, 87, 224, 87],
  swapoff: [168, 115, 225, 115],
  reboot: [169, 88, 142, 88],
  sethostname: [170, 74, 161, 74],
  setdomainname: [171, 121, 162, 121],
  quotactl: [179, 131, 60, 131],
  quotactl_fd: [443, 443, 443, 443],
  nfsservctl: [180, 169, 42, 169],
  vhangup: [153, 111, 58, 111],
  fanotify_init: [300, 338, 262, 367],
  sysfs: [139, 135, undefined, 135],
  ustat: [136, 62, undefined, 62],
  bdflush: [undefined, 134, undefined, 134],
  move_pages: [279, 317, 239, 344],
  migrate_pages: [256, 294, 238, 400],
  process_madvise: [440, 440, 440, 440],
  set_mempolicy_home_node: [450, 450, 450, 450],
  ioctl: [16, 54, 29, 54],
  socket: [41, 359, 198, 281],
} satisfies Record<string, Row>;

export type SyscallName = keyof typeof NUMBERS;

/**
 * The newest call that this table was made in the knowledge of (Linux 6.19); from 424 on all ABIs have the same numbers.
 * Newer ones do not exist for code of an image: raise it after reading what they do.
 */
export const NEWEST_CALL = 470;

/** The number of a call, or undefined where an ABI does not have it. */
export function syscallNumber(name: SyscallName, abi: Abi): number | undefined {
  const row: Row = NUMBERS[name];
  return row[COLUMNS.indexOf(abi.numbers)];
}
