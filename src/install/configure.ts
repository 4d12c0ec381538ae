import { AptLayerError } from '../errors/index.ts';
import { fromText } from '../formats/bytes/index.ts';
import { lookup, lookupDirectory, type Tree } from '../formats/tree/index.ts';
import type { Host } from '../host/index.ts';
import type { Store } from '../store/index.ts';
import { type AccountFiles, addUser, findAccount, withPassword } from './accounts.ts';
import { openPlace, type Place } from './etc-place.ts';
import { appendedFstab } from './fstab.ts';
import { makeHome, writeKeys } from './home.ts';
import type { MachineSettings } from './machine.ts';
import { hashPassword } from './password.ts';

/** A new deployment: directories of its own, and what it was made from. */
export interface NewSystem {
  readonly etc: string;
  readonly var: string;
  readonly store: Store;
  readonly tree: Tree;
}

const ACCOUNT_FILES = ['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid'] as const;

/** Refuses (FAILED) settings that this image cannot have. Changes nothing. */
export function checkSettings(tree: Tree, settings: MachineSettings): void {
  const { timezone } = settings;
  const zone = timezone === undefined ? undefined : lookup(tree, fromText(`/usr/share/zoneinfo/${timezone}`));
  if (timezone !== undefined && (zone === undefined || zone.kind === 'directory'))
    throw new AptLayerError('FAILED', `the image has no time zone ${JSON.stringify(timezone)}`, {
      hint: 'see /usr/share/zoneinfo for the names; an image without any lacks the package tzdata',
    });
  const needsPasswd = [settings.user, settings.password, settings.sshKeys, settings.rootSshKeys];
  if (needsPasswd.some(one => one !== undefined) && lookup(tree, fromText('/etc/passwd'))?.kind !== 'file')
    throw new AptLayerError('FAILED', 'the image has no /etc/passwd', {
      hint: 'leave out the options about users',
    });
}

/** Writes the settings, and lines of fstab(5), into a new deployment. Durable once its file system is synced. */
export async function configureMachine(
  host: Host,
  system: NewSystem,
  wanted: { readonly settings: MachineSettings; readonly fstab: string },
): Promise<void> {
  const { settings } = wanted;
  const etc = openPlace(host, system.etc);
  if (wanted.fstab !== '') etc.write('fstab', appendedFstab(etc.read('fstab') ?? '', wanted.fstab));
  writeNames(etc, settings);
  writeLocale(etc, settings);
  await writeAccounts(host, system, { etc, settings });
}

function writeNames(etc: Place, { hostname, timezone }: MachineSettings): void {
  if (timezone !== undefined) {
    etc.link('localtime', `/usr/share/zoneinfo/${timezone}`);
    etc.write('timezone', `${timezone}\n`);
  }
  if (hostname === undefined) return;
  etc.write('hostname', `${hostname}\n`);
  const hosts = etc.read('hosts') ?? '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n';
  const kept = hosts.split('\n').filter(line => line !== '' && !/^127\.0\.1\.1\s/.test(line));
  const short = hostname.split('.')[0];
  const names = short === hostname ? hostname : `${hostname} ${short}`;
  etc.write('hosts', `${kept.join('\n')}\n127.0.1.1\t${names}\n`);
}

/** Debian 13 has one file and a link to it, Debian 12 only the other. */
function writeLocale(etc: Place, { locale }: MachineSettings): void {
  if (locale === undefined) return;
  const text = `LANG=${locale}\n`;
  etc.write('locale.conf', text);
  if (etc.read('default/locale') === undefined) etc.link('default/locale', '../locale.conf');
  else etc.write('default/locale', text);
}

async function writeAccounts(
  host: Host,
  system: NewSystem,
  { etc, settings }: { readonly etc: Place; readonly settings: MachineSettings },
): Promise<void> {
  const { user, password, sshKeys, rootSshKeys } = settings;
  if ([user, password, sshKeys, rootSshKeys].every(one => one === undefined)) return;
  let files = readAccounts(etc);
  if (user !== undefined && findAccount(files.passwd, user) === undefined) files = addUser(files, user);
  const name = user ?? 'root';
  if (password !== undefined) {
    const hash = await hashPassword(host, password);
    files =
      files.shadow === undefined
        ? { ...files, passwd: withPassword(files.passwd, name, hash) }
        : { ...files, shadow: withPassword(files.shadow, name, hash) };
  }
  for (const file of ACCOUNT_FILES) if (files[file] !== undefined) etc.write(file, files[file]);

  const home = (owner: string) => {
    const account = findAccount(files.passwd, owner);
    if (account === undefined) throw new AptLayerError('FAILED', `the image has no account ${owner}`);
    const skeleton = lookupDirectory(system.tree, fromText('/etc/skel'));
    return { account, skeleton };
  };
  if (user !== undefined) await makeHome(host, system, home(user));
  if (sshKeys !== undefined) await writeKeys(host, system, { ...home(name), keys: sshKeys });
  if (rootSshKeys !== undefined && (user !== undefined || sshKeys === undefined))
    await writeKeys(host, system, { ...home('root'), keys: rootSshKeys });
  else if (rootSshKeys !== undefined)
    await writeKeys(host, system, { ...home('root'), keys: `${sshKeys}${rootSshKeys}` });
}

function readAccounts(etc: Place): AccountFiles {
  return {
    passwd: etc.read('passwd') ?? '',
    group: etc.read('group') ?? '',
    shadow: etc.read('shadow'),
    gshadow: etc.read('gshadow'),
    subuid: etc.read('subuid'),
    subgid: etc.read('subgid'),
  };
}
