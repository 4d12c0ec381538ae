import type { ByteString } from '../formats/bytes/index.ts';

/**
 * `remove` a path of any type, which rules name together with all below it; `remove-file` everything that is no directory, since packages own
 * directories there; `empty` a regular file, where its absence would mean something.
 */
export type VolatileAction = 'remove' | 'remove-file' | 'empty';

export interface VolatileRule {
  /** `*` stands for any name or part of one, `**` for any depth. */
  readonly pattern: string;
  readonly action: VolatileAction;
}

/**
 * What a build leaves behind and no image may carry: identity, caches, logs, locks, backups. One list for base images
 * and layers. The first rule that matches counts.
 */
export const VOLATILE_PATHS: readonly VolatileRule[] = [
  // Filled at boot or by the container's runtime.
  { pattern: '/dev/**', action: 'remove' },
  { pattern: '/proc/**', action: 'remove' },
  { pattern: '/sys/**', action: 'remove' },
  { pattern: '/run/**', action: 'remove' },
  { pattern: '/tmp/**', action: 'remove' },
  { pattern: '/var/tmp/**', action: 'remove' },

  // Identity: an empty machine-id is filled at first boot without the first-boot mode of systemd.
  { pattern: '/etc/machine-id', action: 'empty' },
  { pattern: '/var/lib/dbus/machine-id', action: 'remove-file' },
  { pattern: '/var/lib/systemd/random-seed', action: 'remove' },
  { pattern: '/var/lib/systemd/credential.secret', action: 'remove' },
  { pattern: '/etc/resolv.conf', action: 'empty' },
  { pattern: '/etc/.resolv.conf.systemd-resolved.bak', action: 'remove-file' },
  // rabbitmq-server and others make theirs when they start.
  { pattern: '/var/lib/*/.erlang.cookie', action: 'remove-file' },

  // Backups of the user database, and what dpkg put beside configuration files.
  { pattern: '/etc/*-', action: 'remove-file' },
  { pattern: '/etc/.pwd.lock', action: 'remove-file' },
  { pattern: '/etc/**.dpkg-old', action: 'remove-file' },
  { pattern: '/etc/**.dpkg-new', action: 'remove-file' },
  { pattern: '/etc/**.dpkg-tmp', action: 'remove-file' },
  { pattern: '/etc/**.dpkg-dist', action: 'remove-file' },

  // apt and dpkg: what they fetch or make again, their locks and backups.
  { pattern: '/var/lib/apt/lists/**', action: 'remove-file' },
  { pattern: '/var/lib/apt/periodic/**', action: 'remove-file' },
  { pattern: '/var/cache/apt/**', action: 'remove-file' },
  { pattern: '/var/cache/debconf/*-old', action: 'remove-file' },
  { pattern: '/var/lib/dpkg/*-old', action: 'remove-file' },
  { pattern: '/var/lib/dpkg/lock*', action: 'remove-file' },
  { pattern: '/var/lib/dpkg/triggers/Lock', action: 'remove-file' },
  { pattern: '/var/backups/**', action: 'remove-file' },

  // Accounting files have an owner that their makers would not give them again.
  { pattern: '/var/log/wtmp', action: 'empty' },
  { pattern: '/var/log/btmp', action: 'empty' },
  { pattern: '/var/log/lastlog', action: 'empty' },
  { pattern: '/var/log/faillog', action: 'empty' },
  { pattern: '/var/log/**', action: 'remove-file' },
  { pattern: '/var/cache/ldconfig/aux-cache', action: 'remove-file' },
  // What TeX said about making its formats, with the time of it.
  { pattern: '/var/lib/texmf/**.log', action: 'remove-file' },
  // Lua orders its tables by the clock and by addresses, Aleph writes addresses: no two are the same. Who first uses one that is
  // missing makes it for himself.
  { pattern: '/var/lib/texmf/web2c/lua*/*.fmt', action: 'remove-file' },
  { pattern: '/var/lib/texmf/web2c/aleph/*.fmt', action: 'remove-file' },
  // Rules compiled to C, in directories with names of chance: without them all rules are read as text, until the daily maintenance compiles.
  { pattern: '/var/lib/spamassassin/compiled/**', action: 'remove' },
  { pattern: '/var/lib/spamassassin/.spamassassin/sa-compile.cache', action: 'remove' },
  // Who has the key signs modules for every machine whose owner enrolled it.
  { pattern: '/var/lib/dkms/mok.*', action: 'remove-file' },
  // What the compiler said, and when.
  { pattern: '/var/lib/dkms/*/*/*/*/log/make.log', action: 'remove-file' },
];

/** The names at the top of a root that a rule can reach into; the rest need not be looked at. */
export const VOLATILE_TOPS: ReadonlySet<string> = new Set(
  VOLATILE_PATHS.map(({ pattern }) => pattern.split('/')[1] ?? ''),
);

const COMPILED = VOLATILE_PATHS.map(({ pattern, action }) => ({ action, expression: compile(pattern) }));

function compile(pattern: string): RegExp {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map(part =>
      part === '**' ? '[\\s\\S]+' : part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`^${source}$`);
}

/** What is to be done with an absolute path of an image; undefined for what stays. */
export function volatileAction(path: ByteString): VolatileAction | undefined {
  return COMPILED.find(({ expression }) => expression.test(path))?.action;
}
