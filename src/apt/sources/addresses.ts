/** The parts of an archive's address that decide whether it may be used. */
export interface ArchiveAddress {
  /** `http:`, `https:`, `file:` ... as written before the first colon; `mirror+http:` for a list of mirrors. */
  readonly scheme: string;
  /** In lower case, with its port where the address has one; empty for a path of this machine. */
  readonly host: string;
  readonly path: string;
}

/**
 * Takes an address apart, more strictly than apt does: what two readers could understand in two ways (backslashes, a
 * second `@`, blanks) is undefined.
 */
export function parseAddress(uri: string): ArchiveAddress | undefined {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:)(.*)$/i.exec(uri) ?? [];
  if (scheme === '') return undefined;
  const remote = /^\/\/(?:[^\s/@\\?#]*@)?(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?(\/[!-[\]-~]*)?$/i.exec(
    rest,
  );
  if (remote !== null)
    return {
      scheme: scheme.toLowerCase(),
      host: `${remote[1]}${remote[2] ?? ''}`.toLowerCase(),
      path: remote[3] ?? '/',
    };
  const local = /^(?:\/\/)?(\/(?:[!-[\]-~][!-[\]-~]*)?)$/.exec(rest);
  return local === null ? undefined : { scheme: scheme.toLowerCase(), host: '', path: local[1] ?? '/' };
}

/** Ranges that no archive of the public has: this machine, its link, private networks. RFC 6890 and the registries it made. */
const LOCAL_RANGES: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 9, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];

const LOCAL_NAMES =
  /^(?:localhost|localhost\.localdomain|ip6-localhost|ip6-loopback|[^.]+|.*\.localhost)\.?$/;

/**
 * Whether a host (with or without port) is this machine, its link or a private network: by its name or as a literal
 * address, in any form that resolvers take (`127.1`, `0x7f000001`). A name without a dot is one, since only a search list
 * makes it a host.
 */
export function isLocalHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  const { BlockList, isIP } = process.getBuiltinModule('node:net');
  // The URL parser writes every form of an IPv4 address in the usual one.
  const parsed = URL.canParse(`http://${name}/`) ? new URL(`http://${name}/`).hostname : name;
  const bare = parsed.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(bare);
  if (family === 0) return LOCAL_NAMES.test(parsed);
  const ranges = new BlockList();
  for (const [address, bits, kind] of LOCAL_RANGES) ranges.addSubnet(address, bits, kind);
  return ranges.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}
