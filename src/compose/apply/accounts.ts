import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, fromText } from '../../formats/bytes/index.ts';
import { lookup, resolveParents, type Tree } from '../../formats/tree/index.ts';
import { type BuildContext, imageOf, placeFile, runStage } from '../../layer/index.ts';
import { readContent } from '../../store/index.ts';
import type { GroupAccount, UserAccount } from '../spec/index.ts';
import { parseId } from './files.ts';
import { runForSpec } from './in-sandbox.ts';

/** Read by systemd-sysusers when a machine boots whose own accounts lack them. */
const SYSUSERS = '/usr/lib/sysusers.d/apt-layer.conf';

export interface Accounts {
  readonly users: readonly UserAccount[];
  readonly groups: readonly GroupAccount[];
}

/**
 * The tree with these accounts, made by the system's own tools: groups first, then users, each with what is given; one
 * that is there gets what is given, and keeps the rest. Users who are people get a home directory.
 */
export async function applyAccounts(context: BuildContext, tree: Tree, accounts: Accounts): Promise<Tree> {
  const { users, groups } = accounts;
  if (users.length + groups.length === 0) return tree;
  const has = (database: string, name: string) =>
    parseId(textAt(context, tree, database), name) !== undefined;
  const commands = [
    ...groups.map(group => groupCommand(group, has('/etc/group', group.name))),
    ...users.map(user => userCommand(user, has('/etc/passwd', user.name))),
  ].filter(command => command.length > 0);
  for (const [tool] of commands) if (tool !== undefined) assertTool(tree, tool);
  const made = await runStage(context, imageOf(context, tree), {
    name: 'accounts',
    expectedBytes: 0,
    async action(scratch) {
      for (const command of commands)
        await runForSpec(context, scratch, {
          command,
          failure: {
            code: 'SPEC_INVALID',
            what: `users and groups: \`${command.join(' ')}\` failed`,
            hint: 'check names and numbers, and that groups which are named exist',
          },
        });
    },
  });
  const text = renderSysusers(accounts);
  return text === ''
    ? made
    : placeFile(context.store, made, { path: SYSUSERS, bytes: Buffer.from(text), mode: 0o644 });
}

/** SPEC_INVALID where the image lacks the tool: small bases have no package `passwd`. */
function assertTool(tree: Tree, tool: string): void {
  const path = resolveParents(tree, fromText(`/usr/sbin/${tool}`)).join('/') as ByteString;
  if (lookup(tree, path) !== undefined) return;
  throw new AptLayerError('SPEC_INVALID', `users and groups: the image has no ${tool}`, {
    hint: 'layer the package that has it: `layers: [passwd]`',
    details: { tool },
  });
}

/** groupadd(8), or groupmod(8) for one that is there; empty when there is nothing to change. */
export function groupCommand({ name, gid, system }: GroupAccount, exists: boolean): string[] {
  const number = gid === undefined ? [] : ['--gid', String(gid)];
  if (exists) return number.length === 0 ? [] : ['groupmod', ...number, '--', name];
  return ['groupadd', ...(system ? ['--system'] : []), ...number, '--', name];
}

/** useradd(8), or usermod(8) for one that is there; empty when there is nothing to change. */
export function userCommand(user: UserAccount, exists: boolean): string[] {
  const { name, uid, group, home, shell, description, groups, system } = user;
  const option = (word: string, value: string | number | undefined) =>
    value === undefined ? [] : [word, String(value)];
  const given = [
    ...option('--uid', uid),
    ...option('--gid', group),
    ...option(exists ? '--home' : '--home-dir', home),
    ...option('--shell', shell),
    ...option('--comment', description),
  ];
  const also = groups.length === 0 ? [] : [...(exists ? ['--append'] : []), '--groups', groups.join(',')];
  if (exists) return given.length + also.length === 0 ? [] : ['usermod', ...given, ...also, '--', name];
  const kind = system ? ['--system', '--no-create-home'] : ['--create-home'];
  const own = group === undefined ? ['--user-group'] : [];
  return ['useradd', ...kind, ...own, ...given, ...also, '--', name];
}

/** sysusers.d(5) for the accounts of the system; people's accounts are the machine's own. */
export function renderSysusers({ users, groups }: Accounts): string {
  const quoted = (text: string | undefined) => (text === undefined ? '-' : JSON.stringify(text));
  const lines = [
    ...groups.filter(one => one.system).map(({ name, gid }) => `g ${name} ${gid ?? '-'}`),
    ...users
      .filter(one => one.system)
      .flatMap(({ name, uid, group, home, shell, description, groups: also }) => [
        `u ${name} ${uid ?? '-'}${group === undefined ? '' : `:${group}`} ${quoted(description)} ${home ?? '-'} ${shell ?? '-'}`,
        ...also.map(other => `m ${name} ${other}`),
      ]),
  ];
  return lines.map(line => `${line}\n`).join('');
}

function textAt(context: BuildContext, tree: Tree, path: string): string {
  const node = lookup(tree, fromText(path));
  return node?.kind === 'file' ? readContent(context.store, node).toString('latin1') : '';
}
