/** A directory of the hierarchy of control groups, and what is limited by writing to which of its files. */
export interface GroupPlace {
  /** Where the program itself is: groups are made below, or beside. */
  readonly directory: string;
  readonly limits: Readonly<Partial<Record<Limit, string>>>;
  /** cgroup v2: whether what is below can be limited is written in the directory itself. */
  readonly unified: boolean;
}

/** v1 counts memory and swap together, v2 swap alone. Kernels without swap have the files of neither. */
export type Limit = 'tasks' | 'memoryBytes' | 'memoryAndSwapBytes' | 'swapBytes';

/** By controller. That of both is no less than that of the memory, so it comes after it. */
const FILES_V1: Readonly<Record<string, GroupPlace['limits']>> = {
  pids: { tasks: 'pids.max' },
  memory: { memoryBytes: 'memory.limit_in_bytes', memoryAndSwapBytes: 'memory.memsw.limit_in_bytes' },
};
const FILES_V2: GroupPlace['limits'] = {
  ...{ tasks: 'pids.max', memoryBytes: 'memory.max', swapBytes: 'memory.swap.max' },
};

/**
 * Where a process is in the hierarchies that limit tasks and memory, from its /proc/PID/cgroup and /proc/self/mountinfo: those
 * of cgroup v1 where they are mounted, else that of v2. Empty where there is none.
 */
export function groupPlaces(cgroup: string, mountinfo: string): GroupPlace[] {
  const mounts = mountsOf(mountinfo);
  const places: GroupPlace[] = [];
  for (const line of cgroup.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    const names = controllers.split(',');
    const limits: GroupPlace['limits'] = Object.assign({}, ...names.map(name => FILES_V1[name]));
    if (Object.keys(limits).length === 0) continue;
    const mount = mounts.find(
      ({ type, options }) => type === 'cgroup' && names.every(name => options.includes(name)),
    );
    const directory = mount && below(mount, path);
    if (directory !== undefined) places.push({ directory, limits, unified: false });
  }
  if (places.length > 0) return places;
  const path = /^0::(\/.*)$/m.exec(cgroup)?.[1];
  const mount = mounts.find(({ type }) => type === 'cgroup2');
  const directory = path === undefined || mount === undefined ? undefined : below(mount, path);
  return directory === undefined ? [] : [{ directory, limits: FILES_V2, unified: true }];
}

interface Mount {
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** proc(5): `ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAGS...] - TYPE SOURCE SUPER-OPTIONS` */
function mountsOf(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap(line => {
    const [before = '', after] = line.split(' - ');
    const [, , , root, point] = before.split(' ');
    const [type, , options] = (after ?? '').split(' ');
    if (root === undefined || point === undefined || type === undefined) return [];
    return [{ root, point, type, options: (options ?? '').split(',') }];
  });
}

/** A group's directory; undefined where the mount does not show it. */
function below({ root, point }: Mount, path: string): string | undefined {
  if (root === '/') return path === '/' ? point : `${point}${path}`;
  if (path === root) return point;
  return path.startsWith(`${root}/`) ? `${point}${path.slice(root.length)}` : undefined;
}
