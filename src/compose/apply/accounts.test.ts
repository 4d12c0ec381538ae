import { expect, it } from 'vitest';
import type { ByteString } from '../../formats/bytes/index.ts';
import type { Directory, Node, Tree } from '../../formats/tree/index.ts';
import type { BuildContext } from '../../layer/index.ts';
import { applyAccounts } from './accounts.ts';

const METADATA = { mode: 0o755, uid: 0, gid: 0, mtime: 0, mtimeNsec: 0, xattrs: undefined };

function directory(entries: Readonly<Record<string, Node>>): Directory {
  return {
    ...METADATA,
    kind: 'directory',
    entries: new Map(Object.entries(entries) as [ByteString, Node][]),
  };
}

const tool: Node = {
  ...METADATA,
  kind: 'file',
  size: 0,
  content: { kind: 'inline', bytes: Buffer.alloc(0) },
  nlink: 1,
};
const group = { name: 'makers', system: false };
const user = { name: 'maker', groups: [], system: false };

it.each<[string, Tree]>([
  ['groupadd', directory({})],
  ['groupadd', directory({ usr: directory({ sbin: directory({ useradd: tool }) }) })],
  ['useradd', directory({ usr: directory({ sbin: directory({ groupadd: tool }) }) })],
  // As in a system where /usr/sbin is a link.
  [
    'useradd',
    directory({
      usr: directory({
        bin: directory({ groupadd: tool }),
        sbin: { ...METADATA, kind: 'symlink', target: 'bin' as ByteString, nlink: 1 },
      }),
    }),
  ],
])('an image without %s is a mistake of the spec that names the package to layer', async (name, tree) => {
  // Nothing of it is asked for before the tools are looked for.
  const context = {} as BuildContext;
  const making = applyAccounts(context, tree, { users: [user], groups: [group] });
  await expect(making).rejects.toMatchObject({
    code: 'SPEC_INVALID',
    message: `users and groups: the image has no ${name}`,
    hint: 'layer the package that has it: `layers: [passwd]`',
  });
});
