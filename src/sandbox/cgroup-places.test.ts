import { expect, it } from 'vitest';
import { groupPlaces } from './cgroup-places.ts';

const V1 = `32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu
33 31 0:30 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
34 31 0:31 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
35 31 0:32 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
`;
const V2 = `23 22 0:21 / /proc rw - proc proc rw
30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate
`;

it('takes the hierarchies of v1 that limit something, where they are mounted', () => {
  expect(groupPlaces('4:cpu:/\n8:pids:/\n5:memory:/a/b\n1:name=systemd:/x\n0::/y\n', V1)).toEqual([
    { directory: '/sys/fs/cgroup/pids', limits: { tasks: 'pids.max' }, unified: false },
    {
      directory: '/sys/fs/cgroup/memory/a/b',
      limits: { memoryBytes: 'memory.limit_in_bytes', memoryAndSwapBytes: 'memory.memsw.limit_in_bytes' },
      unified: false,
    },
  ]);
});

it('takes that of v2 where there is no other', () => {
  const limits = { tasks: 'pids.max', memoryBytes: 'memory.max', swapBytes: 'memory.swap.max' };
  expect(groupPlaces('0::/user.slice/user-0.slice/session-1.scope\n', V2)).toEqual([
    { directory: '/sys/fs/cgroup/user.slice/user-0.slice/session-1.scope', limits, unified: true },
  ]);
  expect(groupPlaces('0::/\n', V2)).toEqual([{ directory: '/sys/fs/cgroup', limits, unified: true }]);
});

it('knows a mount that shows only a part', () => {
  const part = V2.replace('0:26 / ', '0:26 /docker/1 ');
  expect(groupPlaces('0::/docker/1/x\n', part)[0]?.directory).toBe('/sys/fs/cgroup/x');
  expect(groupPlaces('0::/docker/1\n', part)[0]?.directory).toBe('/sys/fs/cgroup');
  expect(groupPlaces('0::/docker/10\n', part)).toEqual([]);
});

it('finds nothing where nothing is', () => {
  expect(groupPlaces('', '')).toEqual([]);
  expect(groupPlaces('0::/a\n', V2.replace('cgroup2 cgroup2', 'tmpfs tmpfs'))).toEqual([]);
});
