import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Buildah, buildahIn, buildahIsMissing, type Driver } from '../support/buildah.ts';
import { must } from '../support/command.ts';
import { compareTrees, type Difference, renderDifferences } from '../support/compare-trees.ts';
import { importLayout } from '../support/oci-import.ts';
import { writeImage } from '../support/oci-layout.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type RawMember, rawTar } from '../support/raw-tar.ts';
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

const dir = (name: string, mode = 0o755): RawMember => ({ name, type: '5', mode });
const whiteout = (name: string): RawMember => ({ name, mode: 0 });
const zeroTime = (member: RawMember): RawMember => ({ ...member, mtime: 0 });

const LOWER = rawTar([
  dir('etc/', 0o750),
  { name: 'etc/old', body: 'old' },
  dir('usr/lib/'),
  { name: 'usr/lib/lower', body: 'lower' },
  ...['a', 'b', 'c', 'd', 'e', 'f'].flatMap(name => [
    dir(`${name}/`, 0o751),
    { name: `${name}/x`, body: name },
    { name: `${name}/y` },
  ]),
  { name: 'link', type: '2', link: 'etc' },
]);
const KANIKO: RawMember[] = [
  dir('/', 0o711),
  { name: '/etc/new', body: 'new' },
  { name: '/opt/app/bin', body: 'bin', mode: 0o755 },
  { name: '/opt/app/hard', type: '1', link: '/opt/app/bin', mode: 0o755 },
  whiteout('/a/.wh.x'),
  whiteout('/.wh.b'),
];
const BAZEL: RawMember[][] = [
  [
    { name: 'app/bin/tool', body: 'tool', mode: 0o555 },
    { name: 'app/tool', type: '2', link: 'bin/tool' },
  ],
  [{ name: 'app/bin/other', body: 'other', mode: 0o555 }, dir('app/bin', 0o555), dir('app', 0o500)],
  [{ name: 'app/bin/more/deep', body: 'deep' }],
];
const DOCKER: RawMember[][] = [
  [whiteout('a/.wh.x'), { name: 'a/x', body: 'new' }, whiteout('.wh.b'), whiteout('.wh.link')],
  [
    dir('c/', 0o700),
    whiteout('c/.wh..wh..opq'),
    { name: 'c/z' },
    dir('d/'),
    { name: 'd/z' },
    whiteout('d/.wh..wh..opq'),
  ],
  [
    whiteout('e/.wh..wh..opq'),
    { name: 'e/z' },
    { name: 'f', body: 'now a file' },
    dir('etc/old/'),
    { name: 'etc/old/in' },
  ],
  [whiteout('.wh.c'), whiteout('etc/.wh.old'), dir('f/'), dir('b/', 0o700)],
];
const THROUGH_LINKS: RawMember[][] = [
  [
    dir('usr/lib/', 0o711),
    { name: 'lib', type: '2', link: 'usr/lib' },
    { name: 'lib/x', body: 'x' },
    { name: 'lib/sub/y', body: 'y' },
  ],
  [
    dir('usr/bin/'),
    { name: 'bin', type: '2', link: '/usr/bin' },
    { name: 'bin/tool', body: 't' },
    { name: 'hard', type: '1', link: 'bin/tool' },
  ],
  [
    dir('usr/lib/'),
    { name: 'usr/l', type: '2', link: '../../../usr/lib' },
    dir('usr/l/made', 0o700),
    whiteout('usr/l/.wh.lower'),
  ],
];
/** A whiteout is for lower layers wherever it stands in its own (layer.md), which podman's storage forgets. */
const ONLY_UMOCI: RawMember[][] = [
  [{ name: 'a/x', body: 'new' }, whiteout('a/.wh.x'), whiteout('.wh.b'), dir('b/'), { name: 'b/n' }],
  [
    { name: 'lib', type: '2', link: 'usr/lib' },
    { name: 'lib/x', body: 'x' },
  ],
];

const STARTED = Date.now();
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

/** A directory without an entry has the time at which it was unpacked; with us, none. */
const isMade = (one: Difference) => one.class === 'mtime' && Number.parseInt(one.detail, 10) * 1000 > STARTED;

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
  return renderDifferences(found.filter(one => one.path !== '/' && !isMade(one) && !of.except?.(one)));
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
        'build',
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

    it('that export writes', async () => {
      const layout = directory.join('exported');
      await importLayout(sysroot, { source: directory.join('built-overlay'), ref: 'to-export' });
      await aptLayerMust(sysroot, ['export', 'local://to-export', `oci:${layout}`]);
      const built = await buildah.overlay.treeOf('localhost/built');
      const found = compareTrees(built, await buildah.overlay.treeOfLayout(layout), { mtimes: true });
      expect(renderDifferences(found.filter(({ path }) => path !== '/'))).toBe('');
    });

    it.each<[string, readonly Buffer[]]>([
      ['kaniko: absolute names, no entries for parents, no times', [LOWER, rawTar(KANIKO.map(zeroTime))]],
      [
        'bazel: no directories, or behind what is in them, no times',
        [...BAZEL.map(layer => rawTar(layer.map(zeroTime)))],
      ],
      ['Docker: whiteouts, opaque directories, other kinds of files', [LOWER, ...DOCKER.map(rawTar)]],
      ['merged packages: files by way of links of the same layer', [LOWER, ...THROUGH_LINKS.map(rawTar)]],
    ])('in the shape of %s', async (name, layers) => {
      const layout = directory.join(name.replace(/\W.*/, '').toLowerCase());
      writeImage(layout, { entries: [], archive: layers.at(-1) as Buffer, below: layers.slice(0, -1) });
      // A directory that a layer has no entry for loses its mode in the driver overlay.
      expect(await differences(layout, await buildah.vfs.treeOfLayout(layout))).toBe('');
    });

    it('in the shape of mkosi, with access lists', async () => {
      const [root, layout] = [directory.join('mkosi-root'), directory.join('mkosi')];
      await must('sh', [
        '-ec',
        `mkdir -p $0/var/log/journal $0/usr/bin; echo tool >$0/usr/bin/tool; chmod 4711 $0/usr/bin/tool; ln $0/usr/bin/tool $0/usr/bin/again
      setfattr -n user.note -v text $0/usr/bin/tool; chown 12:34 $0/usr; setfacl -m group:4:r-x,default:group:4:r-x $0/var/log/journal`,
        root,
      ]);
      const options = [
        '--format=posix',
        '--acls',
        '--selinux',
        '--xattrs',
        '--xattrs-include=*',
        '--sparse',
        '--numeric-owner',
      ];
      await must('tar', ['-C', root, ...options, '--file', `${layout}.tar`, '-c', '.']);
      writeImage(layout, { entries: [], archive: fs.readFileSync(`${layout}.tar`) });
      const tree = await buildah.overlay.treeOfLayout(layout);
      expect(await differences(layout, tree)).toBe('');
      const lists = await must('getfacl', ['-cpn', `${tree}/var/log/journal`]);
      expect(lists).toContain('default:group:4:r-x');
    });
  },
);

describe('umoci', () => {
  /** What umoci makes of an image. */
  const unpack = async (layout: string) => {
    await must('umoci', ['unpack', '--image', `${layout}:it`, `${layout}-bundle`]);
    return `${layout}-bundle/rootfs`;
  };

  it('has the same tree where the storage of podman fails or loses files', async () => {
    const layout = directory.join('only-umoci');
    const layers = ONLY_UMOCI.map(rawTar);
    writeImage(layout, {
      entries: [],
      archive: layers.at(-1) as Buffer,
      below: [LOWER, ...layers.slice(0, -1)],
      tag: 'it',
    });
    expect(await differences(layout, await unpack(layout))).toBe('');
  });

  it.each<[string, RawMember[], string]>([
    [
      'hard links to files of lower layers',
      [{ name: 'etc/hard', type: '1', link: 'etc/old' }],
      'etc/hard is a hard link to etc/old',
    ],
    [
      'files in the place of directories of the same layer',
      [{ name: 'n/x' }, { name: 'n', body: 'n' }],
      'n replaces a directory of the same archive',
    ],
  ])('takes %s: they are refused, and what it unpacks can be imported', async (name, members, message) => {
    const layout = directory.join(name.replaceAll(' ', '-'));
    writeImage(layout, { entries: [], archive: rawTar(members), below: [LOWER], tag: 'it' });
    const { code, stderr } = await aptLayer(sysroot, ['import', `oci:${layout}`]);
    expect(code).toBe(6);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/hint: .*umoci unpack.*apt-layer image import DIRECTORY/);
    const tree = await unpack(layout);
    await aptLayerMust(sysroot, ['image', 'import', tree, '--ref', 'unpacked']);
    await aptLayerMust(sysroot, ['image', 'checkout', 'unpacked', `${layout}-out`]);
    expect(renderDifferences(compareTrees(tree, `${layout}-out`, { mtimes: true }))).toBe('');
  });
});
