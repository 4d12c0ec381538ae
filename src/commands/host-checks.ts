import { engineStates, findEngine } from '../engine/index.ts';
import { AptLayerError, errnoOf } from '../errors/index.ts';
import type { Host } from '../host/index.ts';
import { whereLimited } from '../sandbox/index.ts';

/** One thing the host has or lacks. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** Without it nothing works; the others are for some verbs only. */
  readonly required: boolean;
  /** The verbs that need it, where not all do. */
  readonly verbs?: string;
  /** What was found, as one line. */
  readonly found: string;
  /** What to do about it, when it is missing. */
  readonly fix?: string;
}

const OLDEST_NODE = [20, 19] as const;
const DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The tools that are run, the Debian package that ships each, what for, and the verbs that need it where not all do. */
const TOOLS: readonly (readonly [tool: string, debianPackage: string, purpose: string, verbs?: string])[] = [
  ['apt-get', 'apt', 'resolving and fetching packages'],
  ['dpkg', 'dpkg', 'configuring packages'],
  ['dpkg-deb', 'dpkg', 'reading packages'],
  ['bwrap', 'bubblewrap', 'running maintainer scripts in a sandbox'],
  ['unshare', 'util-linux', 'private mount namespaces'],
  ['mount', 'mount', 'mounting images'],
  ['gpgv', 'gpgv', 'checking signatures'],
  ['pasta', 'passt', 'a network of its own for programs in the sandbox', 'run --network private'],
  ['ip', 'iproute2', 'setting that network up', 'run --network private'],
  ['skopeo', 'skopeo', 'images from registries and engines', 'rebase oci://'],
  ['sfdisk', 'fdisk', 'partitions', 'install to-disk'],
  ['mkfs.ext4', 'e2fsprogs', 'file systems', 'install to-disk'],
  ['mkfs.fat', 'dosfstools', 'the partition that the firmware reads', 'install to-disk'],
  ['mcopy', 'mtools', 'files on the partition that the firmware reads', 'install to-disk'],
];

/** Runs every check; a check that fails never stops the others. */
export async function checkHost(host: Host): Promise<readonly CheckResult[]> {
  return [
    checkNode(process.versions.node),
    checkRoot(process.geteuid?.() ?? -1),
    checkNative(host),
    await checkFileSystem(host, 'erofs'),
    await checkFileSystem(host, 'overlay'),
    await checkLimits(host),
    await checkEngine(host),
    ...TOOLS.map(([tool, debianPackage, purpose, verbs]) =>
      checkTool(host, { tool, debianPackage, purpose, verbs }),
    ),
  ];
}

export function checkNode(version: string): CheckResult {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return {
    name: 'node',
    ok,
    required: true,
    found: `version ${version}`,
    fix: `install Node.js ${OLDEST_NODE.join('.')} or newer`,
  };
}

function checkRoot(uid: number): CheckResult {
  return {
    name: 'root',
    ok: uid === 0,
    required: true,
    found: uid === 0 ? 'running as root' : `running as user ${uid}`,
    fix: 'run it as root; only reading state works without',
  };
}

/** A call that node:fs does not have, so it goes through the native addon. */
function checkNative(host: Host): CheckResult {
  const result = {
    name: 'koffi',
    required: true,
    fix: 'reinstall apt-layer with the koffi build for this machine',
  };
  try {
    host.sys.xattrs('/');
    return { ...result, ok: true, found: 'native calls work' };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // An errno came from the kernel, through the addon: so that works.
    const ok = errnoOf(error) !== undefined;
    return {
      ...result,
      ok,
      found: ok ? 'native calls work' : `native calls fail: ${error.message.split('\n')[0]}`,
    };
  }
}

async function checkFileSystem(host: Host, name: string): Promise<CheckResult> {
  const result = { name: `${name} (kernel)`, required: true };
  if (registeredFileSystems(readText(host, '/proc/filesystems')).includes(name))
    return { ...result, ok: true, found: 'in the running kernel' };
  const fix = `boot a kernel that has the ${name} file system (Debian's and Ubuntu's have)`;
  try {
    const { exitCode } = await host.runner.run(
      { tool: 'modprobe', args: ['-n', '-q', name] },
      { okCodes: [0, 1], timeoutMs: 10_000 },
    );
    const ok = exitCode === 0;
    return { ...result, ok, found: ok ? 'as a module' : `not in kernel ${host.kernelRelease}`, fix };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ...result, ok: false, found: `cannot tell: ${error.message}`, fix: 'apt-get install kmod' };
  }
}

/** Whether code of an image can be kept from taking all memory and processes of the host. */
async function checkLimits(host: Host): Promise<CheckResult> {
  const result = { name: 'cgroup (kernel)', required: false };
  const fix = 'without it a script can take all memory; let the container have a cgroup of its own, writable';
  try {
    const where = await whereLimited(host);
    const found = where === undefined ? 'scripts cannot be limited' : `limits scripts below ${where}`;
    return { ...result, ok: where !== undefined, found, fix };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ...result, ok: false, found: `cannot tell: ${error.message}`, fix };
  }
}

/** The names in `/proc/filesystems`: each line is an optional `nodev`, a tab, and a name. */
export function registeredFileSystems(text: string): string[] {
  return text
    .split('\n')
    .map(line => line.split('\t').at(-1) ?? '')
    .filter(name => name !== '');
}

/** Which engine would build a Containerfile, and what else there is. */
async function checkEngine(host: Host): Promise<CheckResult> {
  const result = { name: 'container engine', required: false, verbs: 'build' };
  try {
    const states = await engineStates(host);
    const { name, version } = await findEngine(host);
    const others = states.flatMap(one =>
      one.name === name
        ? []
        : ['version' in one ? `${one.name} ${one.version}` : `${one.name} ${one.reason}`],
    );
    return { ...result, ok: true, found: `${name} ${version} (${others.join('; ')})` };
  } catch (error) {
    if (!(error instanceof AptLayerError)) throw error;
    return {
      ...result,
      ok: false,
      found: error.message,
      ...(error.hint !== undefined && { fix: error.hint }),
    };
  }
}

function checkTool(
  host: Host,
  wanted: { tool: string; debianPackage: string; purpose: string; verbs: string | undefined },
): CheckResult {
  const path = DIRECTORIES.map(directory => `${directory}/${wanted.tool}`).find(candidate =>
    exists(host, candidate),
  );
  return {
    name: wanted.tool,
    ok: path !== undefined,
    required: wanted.verbs === undefined,
    ...(wanted.verbs === undefined ? {} : { verbs: wanted.verbs }),
    found: path ?? `not installed; needed for ${wanted.purpose}`,
    fix: `apt-get install ${wanted.debianPackage}`,
  };
}

/** Opening needs no native addon, so the list is complete even when that is broken. */
function exists(host: Host, path: string): boolean {
  try {
    host.sys.close(host.sys.openFollowing(path));
    return true;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

function readText(host: Host, path: string): string {
  try {
    return host.sys.readFile(path).toString('utf8');
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return '';
  }
}
