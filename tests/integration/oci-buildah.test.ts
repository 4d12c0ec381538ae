import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Buildah, buildahIn, buildahIsMissing, type Driver } from '../support/buildah.ts';
import { must } from '../support/command.ts';
import { compareTrees, type Difference, renderDifferences } from '../support/compare-trees.ts';
import { importLayout } from '../support/oci-import.ts';
import { aptLayerMust } from '../support/program.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const MISSING = buildahIsMissing();
const DRIVERS: readonly Driver[] = ['overlay', 'vfs'];
const TOOLS = [
  'sh',
  'rm',
  'mkdir',
  'ln',
  'mv',
  'cp',
  'chmod',
  'chown',
  'touch',
  'truncate',
  'mkfifo',
  'setfattr',
  'setcap',
];

/** Layers that change what layers below them have, in each way there is. */
const CONTAINERFILE = String.raw`FROM scratch
COPY base /
RUN mkdir -p /dir/sub /opaque/old /emptied /kept && touch -d @1000000000.5 /dir/sub/file /opaque/old/file /emptied/file /kept/file \
 && echo first >/becomes-dir && mkdir -p /becomes-file/deep && echo x >/becomes-file/deep/x && ln -s dir /link && ln -s kept /link-becomes-dir
RUN echo one >/hard-1 && ln /hard-1 /hard-2 && ln /hard-1 /kept/hard-3 && ln -s nowhere /sym-1 && ln /sym-1 /sym-2 && mkfifo /pipe \
 && cp /usr/bin/touch /suid && chmod 4755 /suid && cp /usr/bin/touch /sgid && chmod 2755 /sgid && mkdir /sticky && chmod 1777 /sticky \
 && cp /usr/bin/touch /cap && setcap cap_net_bind_service=ep /cap && echo a >/attr && setfattr -n user.note -v text /attr \
 && setfattr -n user.binary -v 0x00ff0a3d /attr && setfattr -n user.dir -v d /kept && truncate -s 8M /sparse && echo end >>/sparse \
 && long=$(printf '%0255d' 7) && mkdir -p /names/$long/$long && echo l >/names/$long/$long/$long && ln -s $long/$long/$long/$long /names/to-long \
 && ln /names/$long/$long/$long /names/hard && echo u >/names/"$(printf '\303\244-a\314\210-\346\227\245\346\234\254')" \
 && echo b >/names/"$(printf 'not-utf8-\377')" && echo n >/names/"$(printf 'line\nbreak = 7')" && echo s >"/names/ space " && echo w >/names/.wh \
 && chown -R 1234:5678 /dir && chown 4000000000:4000000001 /attr && chown -h 7:8 /link && chmod 0000 /kept/file
RUN rm -r /emptied && rm /becomes-dir && mkdir /becomes-dir && echo in >/becomes-dir/in && rm -r /becomes-file && echo now >/becomes-file \
 && rm /link-becomes-dir && mkdir /link-becomes-dir && rm -r /opaque && mkdir -m 0711 /opaque && echo new >/opaque/new
RUN rm /hard-2 && chmod 0600 /hard-1 && rm -r /becomes-dir && ln -s becomes-file /becomes-dir && mkdir /emptied && ln /kept/file /kept/late && mv /suid /moved \
 && setfattr -x user.note /attr && mv /names /renamed
`;

let directory: TemporaryDirectory;
let sysroot: string;
const buildah = {} as Record<Driver, Buildah>;

beforeAll(() => {
  directory = temporaryDirectory('oci-buildah');
  sysroot = directory.join('sysroot');
  for (const driver of DRIVERS) buildah[driver] = buildahIn(directory.path, driver);
});
afterAll(() => directory[Symbol.asyncDispose]());

/** The programs that the Containerfile runs, with their libraries. */
async function programs(root: string): Promise<void> {
  await must('sh', [
    '-ec',
    `root=$1; shift; mkdir -p $root/usr/bin $root/usr/sbin; ln -s usr/bin $root/bin
    for tool; do path=$(readlink -f "$(PATH=$PATH:/usr/sbin:/sbin command -v "$tool")"); cp "$path" "$root/usr/bin/$tool"
    for library in $(ldd "$path" | grep -o '/[^ )]*'); do mkdir -p "$root\${library%/*}"; cp -L "$library" "$root$library"; done; done`,
    'sh',
    root,
    ...TOOLS,
  ]);
}

/** What of the image in a layout differs from the tree that buildah has of it. */
async function differences(
  layout: string,
  tree: string,
  of: { except?: (one: Difference) => boolean } = {},
): Promise<string> {
  const ref = `of-${fs.readdirSync(directory.path).length}`;
  await importLayout(sysroot, { source: layout, ref });
  const out = directory.join(`${ref}-out`);
  await aptLayerMust(sysroot, ['image', 'checkout', ref, out]);
  // The root's own mode and time are in no layer of buildah's; its storage makes something up.
  const found = compareTrees(tree, out, { mtimes: true });
  return renderDifferences(found.filter(one => one.path !== '/' && !of.except?.(one)));
}

describe.skipIf(MISSING !== undefined)(
  `buildah has the same tree of an image${MISSING ? ` (${MISSING})` : ''}`,
  () => {
    beforeAll(async () => {
      await programs(directory.join('context/base'));
      fs.writeFileSync(directory.join('context/Containerfile'), CONTAINERFILE);
    });

    it.each(DRIVERS)('that it built layer by layer with the driver %s', async driver => {
      const layout = directory.join(`built-${driver}`);
      await buildah[driver](
        'bud',
        '--isolation',
        'chroot',
        '--layers',
        '--format',
        'oci',
        '-t',
        'built',
        directory.join('context'),
      );
      await buildah[driver]('push', '--quiet', 'localhost/built', `oci:${layout}`);
      const tree = await buildah[driver].treeOf('localhost/built');
      expect(fs.readFileSync(`${tree}/opaque/new`, 'utf8')).toBe('new\n');
      // vfs copies a layer for the next one, and a link with two names becomes two.
      const except = (one: Difference) => driver === 'vfs' && one.class === 'links' && one.path === '/sym-1';
      expect(await differences(layout, tree, { except })).toBe('');
    });
  },
);
