import { AptLayerError } from '../errors/index.ts';
import { readFileBytes } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { checkUserName } from './accounts.ts';

/** What makes an installed system this machine's own; what is undefined stays as the image has it. */
export interface MachineSettings {
  readonly hostname: string | undefined;
  /** The first user; it may use sudo where the image has it. */
  readonly user: string | undefined;
  /** Of `user`, or of root without one. */
  readonly password: string | undefined;
  /** Lines of authorized_keys for `user`, or for root without one. */
  readonly sshKeys: string | undefined;
  readonly rootSshKeys: string | undefined;
  readonly locale: string | undefined;
  readonly timezone: string | undefined;
}

/** The same as the command line has it: secrets and keys in files. */
export interface MachineRequest extends Omit<MachineSettings, 'password' | 'sshKeys' | 'rootSshKeys'> {
  readonly passwordFile: string | undefined;
  readonly sshKeyFile: string | undefined;
  readonly rootSshKeyFile: string | undefined;
}

const FILE_MAX_BYTES = 64 * 1024;
const HOSTNAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const LOCALE = /^[A-Za-z][A-Za-z0-9_.@-]{0,63}$/;
const TIMEZONE = /^[A-Za-z0-9+_-]+(?:\/[A-Za-z0-9+_-]+){0,2}$/;

/** Reads and checks everything before anything is changed. USAGE for what cannot be. */
export function readMachineRequest(host: Pick<Host, 'sys'>, request: MachineRequest): MachineSettings {
  const { hostname, user, locale, timezone, passwordFile, sshKeyFile, rootSshKeyFile } = request;
  if (user !== undefined) checkUserName(user);
  check('--hostname', hostname, HOSTNAME, 'letters, digits and dashes, such as web1 or web1.example.org');
  if (hostname !== undefined && hostname.length > 64)
    throw wrong('--hostname', hostname, 'at most 64 characters');
  check('--locale', locale, LOCALE, 'a locale such as de_DE.UTF-8');
  check('--timezone', timezone, TIMEZONE, 'a name such as Europe/Berlin');
  const keys = (path: string | undefined) => (path === undefined ? undefined : readKeys(host, path));
  return {
    ...{ hostname, user, locale, timezone },
    password: passwordFile === undefined ? undefined : readPassword(host, passwordFile),
    sshKeys: keys(sshKeyFile),
    rootSshKeys: keys(rootSshKeyFile),
  };
}

function check(what: string, value: string | undefined, pattern: RegExp, wanted: string): void {
  if (value !== undefined && !pattern.test(value)) throw wrong(what, value, wanted);
}

function wrong(what: string, value: string, wanted: string): AptLayerError {
  return new AptLayerError('USAGE', `${what}: ${JSON.stringify(value)} is not as it should be`, {
    hint: `give ${wanted}`,
  });
}

function readPassword(host: Pick<Host, 'sys'>, path: string): string {
  const [password = ''] = readFileBytes(host.sys, path, FILE_MAX_BYTES).toString('utf8').split(/\r?\n/);
  if (password !== '') return password;
  throw new AptLayerError('USAGE', `--password-file: the first line of ${path} is empty`, {
    hint: 'write the password there; leave the option out for an account without one',
  });
}

function readKeys(host: Pick<Host, 'sys'>, path: string): string {
  const lines = readFileBytes(host.sys, path, FILE_MAX_BYTES)
    .toString('utf8')
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'));
  const isKey = (line: string) => /(?:^|\s)(?:ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/=]{16,}/.test(line);
  if (lines.length > 0 && lines.every(isKey)) return `${lines.join('\n')}\n`;
  throw new AptLayerError('USAGE', `${path} has no public keys of ssh`, {
    hint: 'name a file such as ~/.ssh/id_ed25519.pub or an authorized_keys',
  });
}
