import { AptLayerError } from '../errors/index.ts';
import { ensureDirectory } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { CommandFailed } from '../process/index.ts';
import { writeForSandbox } from './sandbox-file.ts';

/** A network of its own for programs in a sandbox: it reaches what the host reaches, but for the host itself by its loopback. */
export interface PrivateNetwork {
  /** The network namespace: a path, as long as it is not released. */
  readonly namespace: string;
  /** A file with what /etc/resolv.conf of the sandbox has to say. */
  readonly resolvConf: string;
  release(): Promise<void>;
}

/** Where Debian's packages have programs that root runs. */
const PROGRAM_DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/** What a private network is made with, and the Debian package of each. */
const TOOLS = { pasta: 'passt', ip: 'iproute2' };

/** Addresses that pasta answers at with what the host's resolver says; nothing else can have them. */
const RESOLVER_IPV4 = '169.254.1.53';
const RESOLVER_IPV6 = 'fe80::5353';

/**
 * pasta passes on what is sent to its device, and so also to 127.0.0.1: a program can send there without any capability (SO_BINDTODEVICE,
 * IP_PKTINFO), and versions before 2024 do not drop it. So no neighbour but the gateway, which is made up, can be found on the device, and
 * addresses of loopbacks are neighbours there. Its device alone is set up: lo has its own.
 */
const CONFIGURE_SCRIPT = `set -e
for family in 4 6; do
  device=$(ip -o -$family route show default | sed -n '1s/.* dev \\([^ ]*\\).*/\\1/p')
  [ -n "$device" ] || continue
  for kind in mcast ucast app; do echo 0 >"/proc/sys/net/ipv$family/neigh/$device/\${kind}_solicit"; done
  case $family in
    4) gateway=169.254.1.1 loopbacks=127.0.0.0/8 onlink=onlink ;;
    6) gateway=fe80::1 loopbacks='::1 ::ffff:0:0/96' onlink=
       echo 0 >"/proc/sys/net/ipv6/conf/$device/accept_ra" ;;
  esac
  ip -$family route flush dev "$device"
  ip -$family neigh replace "$gateway" lladdr 02:00:00:00:00:01 dev "$device" nud permanent
  ip -$family route add default via "$gateway" dev "$device" $onlink
  for loopback in $loopbacks; do ip -$family route add "$loopback" dev "$device"; done
done`;

// Arguments: the script above, and options of pasta. AppArmor lets pasta open namespaces below /run/user/UID/netns alone.
const HOLD_SCRIPT = `set -e
configure=$1
shift
mkdir -p /run/user
mount -t tmpfs -o mode=0755 apt-layer /run/user
mkdir -p /run/user/0/netns
: >"$0"
unshare --net="$0" true
pasta --config-net --quiet --runas 0 --no-map-gw -t none -u none -T none -U none "$@" --netns "$0"
nsenter --net="$0" sh -c "$configure"
echo ready
exec cat >/dev/null`;
const NAMESPACE = '/run/user/0/netns/apt-layer';

/** Whether all is installed that a private network needs. */
export function hasPrivateNetwork(host: Pick<Host, 'sys'>): boolean {
  return missingPackages(host).length === 0;
}

function missingPackages({ sys }: Pick<Host, 'sys'>): string[] {
  const isThere = (tool: string) =>
    PROGRAM_DIRECTORIES.some(directory => sys.lstatIfExists(`${directory}/${tool}`) !== undefined);
  return Object.entries(TOOLS).flatMap(([tool, owner]) => (isThere(tool) ? [] : [owner]));
}

/** HOST_UNSUPPORTED, with the packages to install, where no private network can be made. */
export function assertPrivateNetwork(host: Pick<Host, 'sys'>): void {
  const missing = missingPackages(host);
  if (missing.length > 0)
    throw new AptLayerError('HOST_UNSUPPORTED', `a private network needs ${missing.join(' and ')}`, {
      hint: `apt-get install ${missing.join(' ')}`,
    });
}

/**
 * Makes a private network; `directory` is ours, and keeps a file for it. HOST_UNSUPPORTED where pasta is not installed, NETWORK where it
 * cannot connect: the host has no route, say. It goes with its release, and at the latest with us.
 */
export async function openPrivateNetwork(host: Host, directory: string): Promise<PrivateNetwork> {
  assertPrivateNetwork(host);
  ensureDirectory(host.sys, directory, 0o700);
  const { resolver, text } = resolution(host);
  const resolvConf = `${directory}/resolv.conf`;
  writeForSandbox(host.sys, resolvConf, { bytes: Buffer.from(text, 'latin1'), mode: 0o644 });
  const forward = resolver === undefined ? [] : ['--dns-forward', resolver];
  const inNamespaces = ['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
  const held = await host.runner
    .hold({
      tool: 'setpriv',
      args: [
        ...['--pdeathsig', 'KILL', ...inNamespaces, '--mount-proc'],
        ...['sh', '-c', HOLD_SCRIPT, NAMESPACE, CONFIGURE_SCRIPT, ...forward],
      ],
      withoutUsersEnvironment: true,
    })
    .catch((error: unknown) => {
      throw error instanceof CommandFailed ? notConnected(error) : error;
    });
  return {
    namespace: `/proc/${held.pid}/root${NAMESPACE}`,
    resolvConf,
    release: () => held.release(),
  };
}

function notConnected(error: CommandFailed): AptLayerError {
  const said = error.stderrTail
    .split('\n')
    .filter(line => line.trim() !== '' && !/^Failed to send \d+ bytes to syslog$/.test(line));
  return new AptLayerError('NETWORK', `a private network cannot be made:\n${said.join('\n')}`, {
    hint: 'see whether the machine has a default route (`ip route`) and /dev/net/tun',
    cause: error,
  });
}

/** How names are resolved: as the host does, through pasta, which is asked at an address of the family of the host's first resolver. */
function resolution({ sys }: Host): { resolver: string | undefined; text: string } {
  const path = '/etc/resolv.conf';
  let own = '';
  if (sys.lstatIfExists(path) !== undefined)
    try {
      own = sys.readFile(path).toString('latin1');
    } catch {
      // A link to what a resolver that does not run would have made.
    }
  const first = /^[ \t]*nameserver[ \t]+(\S+)/m.exec(own)?.[1];
  if (first === undefined) return { resolver: undefined, text: '' };
  const resolver = first.includes(':') ? RESOLVER_IPV6 : RESOLVER_IPV4;
  const search = own.split('\n').filter(line => /^(?:search|domain)[ \t]/.test(line));
  return { resolver, text: [`nameserver ${resolver}`, ...search, ''].join('\n') };
}
