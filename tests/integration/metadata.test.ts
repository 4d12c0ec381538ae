import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { must } from '../support/command.ts';
import { DEB_EPOCH_SECONDS, type DebDescription } from '../support/deb.ts';
import { aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories } from '../support/system.ts';

const LONG = 'long enough to be an object of its own, not a part of the image\n'.repeat(3);

/** Values as the kernel stores them: cap_net_raw=ep; an access list with user 7 and a mask; a label; bytes that are no text. */
const XATTRS: Readonly<Record<string, string>> = {
  'security.capability': '0100000200200000000000000000000000000000',
  'system.posix_acl_access':
    '02000000' +
    '01000600ffffffff' +
    '0200040007000000' +
    '04000400ffffffff' +
    '10000400ffffffff' +
    '20000000ffffffff',
  'security.selinux': Buffer.from('system_u:object_r:bin_t:s0\0').toString('hex'),
  'user.note': '00ff80',
};

// Sets what tools would set that a minimal root does not have. Arguments: file, then names and values in hex. 188 and
// 191 are setxattr and getxattr of amd64: the table of names is not in perl-base.
const SET_XATTRS = `
my $file = shift;
while (my ($name, $hex) = splice(@ARGV, 0, 2)) {
  my $value = pack("H*", $hex);
  syscall(188, $file, $name, $value, length($value), 0) == 0 or die "$name of $file: $!\\n";
}`;
const setXattrs = (file: string, names: readonly string[]) => [
  '-e',
  SET_XATTRS,
  file,
  ...names.flatMap(name => [name, XATTRS[name] ?? '']),
];
const quoted = (words: readonly string[]) =>
  words.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ');

const DIRECTORY = '/usr/share/layered';
const PACKAGE: DebDescription = {
  name: 'layered',
  files: {
    [`${DIRECTORY}/setuid`]: { content: LONG, mode: 0o4755 },
    [`${DIRECTORY}/setgid`]: { content: LONG, mode: 0o2751, gid: 8 },
    [`${DIRECTORY}/private`]: { content: 'short', mode: 0o600, uid: 6, gid: 12 },
    [`${DIRECTORY}/sticky`]: { directory: true, mode: 0o1777 },
    [`${DIRECTORY}/one`]: { content: LONG, mode: 0o640, uid: 12345, gid: 23456 },
    [`${DIRECTORY}/two`]: { hardlink: `${DIRECTORY}/one` },
    [`${DIRECTORY}/link`]: { symlink: 'one' },
    [`${DIRECTORY}/pipe`]: { fifo: true, mode: 0o620 },
    ...Object.fromEntries(Object.keys(XATTRS).map(name => [`${DIRECTORY}/${name}`, LONG])),
  },
  scripts: {
    postinst: [
      // An overlay refuses to set an access list on a file that only an EROFS image has; any change before copies it up.
      ...Object.keys(XATTRS).map(name => `chmod 0644 ${DIRECTORY}/${name}`),
      ...Object.keys(XATTRS).map(name => `perl ${quoted(setXattrs(`${DIRECTORY}/${name}`, [name]))}`),
      `chown 33:33 ${DIRECTORY}/sticky`,
    ].join('\n'),
  },
};

let repository: Archive;
let system: LocalSystem;
let baseImage: string;
let roots: { base: string; layered: string };

interface Imported {
  readonly image: string;
}

beforeAll(async () => {
  repository = await archive([PACKAGE]);
  system = await localSystem(repository);
  const imported = system.root;
  const own = `${imported}/usr/share/base-own`;
  fs.mkdirSync(own);
  fs.chmodSync(own, 0o2750);
  fs.writeFileSync(`${own}/one`, LONG, { mode: 0o640 });
  fs.linkSync(`${own}/one`, `${own}/two`);
  fs.chownSync(`${own}/one`, 12345, 23456);
  fs.chmodSync(`${own}/one`, 0o6751);
  for (const name of Object.keys(XATTRS)) {
    fs.writeFileSync(`${own}/${name}`, LONG);
    await must('perl', setXattrs(`${own}/${name}`, [name]));
  }
  for (const name of fs.readdirSync(own)) fs.utimesSync(`${own}/${name}`, 1_600_000_000, 1_600_000_000);
  const base = (
    await aptLayerMust(system.pristine, ['image', 'import', imported, '--ref', 'own', '--json'])
  ).json() as Imported;
  const spec = system.spec(
    'layered',
    `base-image: local://own\nlayers: [layered]\n${repositories(repository)}`,
  );
  await aptLayerMust(system.pristine, [
    'compose',
    'tree',
    spec,
    '--no-deploy',
    '--refresh',
    '--ref',
    'layered',
  ]);
  roots = { base: system.directory.join('out-base'), layered: system.directory.join('out-layered') };
  for (const [name, ref] of [
    ['base', 'own'],
    ['layered', 'layered'],
  ] as const)
    await aptLayerMust(system.pristine, ['image', 'checkout', ref, roots[name]]);
  baseImage = base.image;
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

const xattr = async (file: string, name: string) => {
  const get = `my $v = "\\0" x 4096; my $n = syscall(191, $ARGV[0], $ARGV[1], $v, 4096); die $! if $n < 0; print unpack("H*", substr($v, 0, $n))`;
  return must('perl', ['-e', get, file, name]);
};
const facts = (path: string) => {
  const { mode, uid, gid, nlink, ino } = fs.lstatSync(path);
  return { mode: (mode & 0o7777).toString(8), uid, gid, nlink, ino };
};

describe('metadata of a package', () => {
  it.each([
    ['setuid', { mode: '4755', uid: 0, gid: 0, nlink: 1 }],
    ['setgid', { mode: '2751', uid: 0, gid: 8, nlink: 1 }],
    ['private', { mode: '600', uid: 6, gid: 12, nlink: 1 }],
    ['one', { mode: '640', uid: 12345, gid: 23456, nlink: 2 }],
    ['pipe', { mode: '620', uid: 0, gid: 0 }],
    ['sticky', { mode: '1777', uid: 33, gid: 33 }],
  ])('%s', (name, expected) => {
    const path = `${roots.layered}${DIRECTORY}/${name}`;
    expect(facts(path)).toMatchObject(expected);
    if (name !== 'sticky') expect(fs.lstatSync(path).mtimeMs).toBe(DEB_EPOCH_SECONDS * 1000);
  });

  it('hard links stay one file', () => {
    const [one, two] = ['one', 'two'].map(name => facts(`${roots.layered}${DIRECTORY}/${name}`));
    expect(one).toEqual(two);
  });

  it.each(Object.keys(XATTRS))('%s, set by its postinst', async name => {
    expect(await xattr(`${roots.layered}${DIRECTORY}/${name}`, name)).toBe(XATTRS[name]);
  });
});

describe('metadata of a base', () => {
  it.each(['base', 'layered'] as const)('modes, owners, links and times are in the %s image', which => {
    const own = `${roots[which]}/usr/share/base-own`;
    expect(facts(`${own}/one`)).toMatchObject({ mode: '6751', uid: 12345, gid: 23456, nlink: 2 });
    expect(facts(`${own}/one`)).toEqual(facts(`${own}/two`));
    expect(facts(own)).toMatchObject({ mode: '2750' });
    expect(fs.statSync(`${own}/one`).mtimeMs).toBe(1_600_000_000_000);
  });

  it.each(Object.keys(XATTRS))('%s', async name => {
    for (const root of Object.values(roots))
      expect(await xattr(`${root}/usr/share/base-own/${name}`, name)).toBe(XATTRS[name]);
  });
});

describe('images', () => {
  it.each(['own', 'layered'] as const)(
    '%s: what was checked out is imported as the same image',
    async ref => {
      const root = roots[ref === 'own' ? 'base' : 'layered'];
      const again = (
        await aptLayerMust(system.pristine, ['image', 'import', root, '--ref', `again-${ref}`, '--json'])
      ).json() as Imported;
      const { files, from, to } = (
        await aptLayerMust(system.pristine, [
          'diff',
          `local://${ref}`,
          `local://again-${ref}`,
          '--times',
          '--json',
        ])
      ).json() as { files: unknown[]; from: { image: string }; to: { image: string } };
      expect(files).toEqual([]);
      expect(to.image).toBe(from.image);
      expect(again.image).toBe(from.image);
      if (ref === 'own') expect(from.image).toBe(baseImage);
    },
  );

  it.each(['own', 'layered'] as const)(
    '%s: what was exported for containers is imported as the same image',
    async ref => {
      const layout = `oci:${system.directory.join(`oci-${ref}`)}:${ref}`;
      const out = (
        await aptLayerMust(system.pristine, ['export', `local://${ref}`, layout, '--json'])
      ).json() as Imported;
      const again = (await aptLayerMust(system.pristine, ['import', layout, '--json'])).json() as Imported;
      expect(again.image).toBe(out.image);
      if (ref === 'own') expect(again.image).toBe(baseImage);
    },
  );

  it('diff says what of the metadata changed', async () => {
    const changed = system.directory.join('changed');
    await must('cp', ['--archive', roots.base, changed]);
    const own = `${changed}/usr/share/base-own`;
    fs.chmodSync(`${own}/user.note`, 0o4711);
    fs.chownSync(`${own}/security.selinux`, 5, 6);
    fs.rmSync(`${own}/two`);
    fs.copyFileSync(`${own}/one`, `${own}/two`);
    await must('perl', setXattrs(`${own}/user.note`, ['security.capability']));
    await aptLayerMust(system.pristine, ['image', 'import', changed, '--ref', 'changed']);
    const { stdout } = await aptLayerMust(system.pristine, [
      'diff',
      'local://own',
      'local://changed',
      '--files',
    ]);
    expect(stdout).toContain('/usr/share/base-own/one (hard links)');
    expect(stdout).toContain('/usr/share/base-own/security.selinux (owner 0:0 -> 5:6)');
    expect(stdout).toContain('/usr/share/base-own/user.note (mode 0644 -> 4711, +security.capability)');
  });
});
