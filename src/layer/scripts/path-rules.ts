import type { Category, Severity } from './model.ts';

/** What naming a path means for a script that runs at build time. */
export interface PathRule {
  readonly path: string;
  readonly severity: Severity;
  readonly category: Category;
  readonly reason: string;
}

const BUILDER = 'it shows the machine that builds, not the one that will run';
const SECRET =
  'what is made of it is the same on every machine of the image, unless it is made again at boot';
const ANSWERS = 'debconf answers with defaults and preset values';

/** A rule holds for the path and all below it; the first one counts. */
const RULES: readonly PathRule[] = [
  { path: '/proc/self', severity: 'safe', category: 'proc-sys', reason: 'it is about the script itself' },
  { path: '/proc', severity: 'warning', category: 'proc-sys', reason: BUILDER },
  { path: '/sys', severity: 'warning', category: 'proc-sys', reason: BUILDER },
  { path: '/dev/urandom', severity: 'warning', category: 'secrets', reason: SECRET },
  { path: '/dev/random', severity: 'warning', category: 'secrets', reason: SECRET },
  {
    path: '/etc/hostname',
    severity: 'warning',
    category: 'hostname',
    reason: 'the image has no name of its own',
  },
  {
    path: '/etc/mailname',
    severity: 'warning',
    category: 'hostname',
    reason: 'the image has no name of its own',
  },
  { path: '/usr/share/debconf', severity: 'handled', category: 'debconf', reason: ANSWERS },
  {
    path: '/usr/share/dbconfig-common',
    severity: 'warning',
    category: 'dbconfig',
    reason: 'no database server can be reached: set the database up after the boot',
  },
];

/** The rule for a path that a command names, if there is one. */
export function ruleOfPath(path: string): PathRule | undefined {
  return RULES.find(rule => isBelow(path, rule.path));
}

/** Whether a path is a directory or below it. */
export function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}

/** What is not there while an image is built: guards of scripts ask for these. */
const ABSENT = ['/run/systemd', '/run/udev', '/run/dbus', '/run/initctl', '/run/openrc', '/dev/initctl'];

/** Whether no test for the path can succeed. */
export function isAbsent(path: string): boolean {
  const plain = path.replace(/\/{2,}/g, '/').replace(/^\/var\/run\//, '/run/');
  return ABSENT.some(absent => isBelow(plain, absent));
}
