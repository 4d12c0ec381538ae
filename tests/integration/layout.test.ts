import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromText, toText } from '../../src/formats/bytes/index.ts';
import { diffNodes, lookup, type Tree } from '../../src/formats/tree/index.ts';
import { relocate, restore } from '../../src/layer/finish/layout/index.ts';
import { mountOnHost, unmountFromHost } from '../../src/sandbox/index.ts';
import {
  checkout,
  imageFile,
  importDirectory,
  objectsDirectory,
  writeImageObject,
} from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { aptGetInstallChroot } from '../support/apt-oracle.ts';
import { unpackMinbase } from '../support/base.ts';
import { execute, must } from '../support/command.ts';
import { buildDeb } from '../support/deb.ts';
import { testHost } from '../support/host.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** Packages that keep state in the places that move. */
const PACKAGES = [
  'openssh-server',
  'ucf',
  'dbus',
  'python3-minimal',
  'sgml-base',
  'fontconfig',
  'fonts-dejavu-core',
];

const VENDOR = {
  name: 'vendor-kernel',
  files: {
    '/boot/vmlinuz-6.12.99': 'kernel '.repeat(100),
    '/boot/config-6.12.99': 'CONFIG_X=y\n'.repeat(50),
    '/usr/lib/modules/6.12.99/modules.order': '',
    '/opt/vendor/bin/tool': { content: '#!/bin/sh\nexec cat "$(dirname "$0")/../share/text"\n', mode: 0o755 },
    '/opt/vendor/share/text': 'of the vendor\n',
    '/opt/vendor/shells': { symlink: '../../etc/shells' },
  },
  scripts: { postinst: 'mkdir -p /usr/local/lib/vendor /srv/vendor' },
};

/** What only reads: the answers of an image have to be those of the plain root it was made of. */
const QUESTIONS: readonly (readonly string[])[] = [
  ['dpkg', '-l'],
  ['dpkg', '-V', 'dpkg', 'openssh-server', 'ucf', 'base-files', 'apt'],
  ['dpkg', '--audit'],
  ['dpkg', '-S', '/usr/bin/dpkg', '/opt/vendor/bin/tool'],
  ['dpkg-query', '-L', 'openssh-server'],
  ['dpkg-divert', '--list'],
  ['dpkg-statoverride', '--list'],
  ['apt-mark', 'showauto'],
  ['apt-get', '--simulate', '--no-download', 'remove', 'openssh-server'],
  ['apt-cache', 'depends', '--installed', 'openssh-server'],
  ['update-alternatives', '--query', 'pager'],
  // Perl's order of a hash.
  ['sh', '-c', 'debconf-show openssh-server | sort'],
  ['ucfq', '/etc/ssh/sshd_config'],
  ['deb-systemd-helper', 'is-enabled', 'ssh.service'],
  ['deb-systemd-helper', 'debian-installed', 'ssh.service'],
  ['/opt/vendor/bin/tool'],
  ['cat', '/opt/vendor/shells', '/root/.profile'],
  ['fc-match', 'DejaVu Sans'],
  ['sh', '-c', 'cd ~ && ls -A && ls -A /home /srv /mnt /usr/local /usr/local/lib'],
];

describe('the layout of an image of a real root', () => {
  const work = temporaryDirectory('layout');
  const host = testHost();
  const store = ensureStore(host, work.join('composefs'));
  const plainRoot = work.join('plain');
  const mounted = work.join('mounted');
  let plain: Tree;
  let image: Tree;

  beforeAll(async () => {
    await unpackMinbase(plainRoot);
    await aptGetInstallChroot(plainRoot, PACKAGES);
    const deb = await buildDeb(VENDOR, plainRoot);
    await must('chroot', [plainRoot, 'dpkg', '-i', deb.slice(plainRoot.length)]);
    fs.rmSync(deb);
    plain = await importDirectory(store, plainRoot, { mode: 'copy' });
    image = relocate(plain);
    fs.mkdirSync(mounted);
    const digest = writeImageObject(store, image);
    await mountOnHost(host, {
      image: { imagePath: imageFile(store, digest), objectsPath: objectsDirectory(store) },
      directory: mounted,
    });
  });
  afterAll(async () => {
    await unmountFromHost(host, mounted);
    await work[Symbol.asyncDispose]();
  });

  const ask = async (root: string, question: readonly string[]) => {
    // deb-systemd-helper answers maintainer scripts alone.
    const env = { HOME: '/root', PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DPKG_MAINTSCRIPT_PACKAGE: 'test' };
    const { code, stdout, stderr } = await execute('chroot', [root, ...question], { env });
    return { code, stdout, stderr: stderr.replace(/^W: Not using locking .*\n/gm, '') };
  };

  it.each(QUESTIONS.map(question => [question] as const))(
    'answers as the plain root, read-only: %j',
    async question => {
      const expected = await ask(plainRoot, question);
      expect(expected.code).toBe(0);
      expect(await ask(mounted, question)).toEqual(expected);
    },
  );

  it('is a database that dpkg of the host reads from outside', async () => {
    const installed = await must('dpkg-query', [`--root=${mounted}`, '-W']);
    expect(installed).toBe(await must('dpkg-query', [`--root=${plainRoot}`, '-W']));
    expect(installed.split('\n').length).toBeGreaterThan(80);
  });

  it('misses nothing that a package shipped but in /boot', async () => {
    const { stdout } = await ask(mounted, ['dpkg', '-V', 'vendor-kernel']);
    expect(stdout.trim().split('\n').sort()).toEqual([
      'missing     /boot/config-6.12.99',
      'missing     /boot/vmlinuz-6.12.99',
    ]);
    expect(fs.readdirSync(`${mounted}/usr/lib/modules/6.12.99`).sort()).toEqual([
      'config',
      'modules.order',
      'vmlinuz',
    ]);
    expect(fs.readdirSync(`${mounted}/boot`)).toEqual([]);
  });

  it('is undone by restore', () => {
    const lost = [...diffNodes(plain, restore(image), { times: true })]
      .map(({ change, path }) => `${change} ${toText(path)}`)
      // Emptied, since a boot or a container's start fills them.
      .filter(line => !/^removed \/(dev|proc|sys|run|tmp)\//.test(line));
    expect(lost).toEqual([]);
    expect([...diffNodes(image, relocate(restore(image)), { times: true })]).toEqual([]);
  });

  it('lets dpkg work on the root that restore gives, and takes the result', async () => {
    const root = work.join('restored');
    await checkout(store, restore(image), root);
    const name = 'vendor-two';
    const deb = await buildDeb({ name, files: { '/opt/two/file': 'two', '/usr/share/two': 'two' } }, root);
    await must('chroot', [root, 'dpkg', '-i', deb.slice(root.length)]);
    await must('chroot', [root, 'dpkg', '--remove', 'vendor-kernel']);
    expect((await ask(root, ['dpkg', '--audit'])).stdout).toBe('');
    fs.rmSync(deb);
    const result = relocate(await importDirectory(store, root, { mode: 'copy' }));
    const kind = (path: string) => lookup(result, fromText(path))?.kind;
    expect(kind('/usr/lib/opt/two/file')).toBe('file');
    expect(kind('/var/opt/two')).toBe('symlink');
    expect(kind('/var/opt/vendor')).toBeUndefined();
    expect(kind('/usr/lib/modules/6.12.99/vmlinuz')).toBeUndefined();
    expect(kind('/usr/lib/sysimage/dpkg/info/vendor-two.list')).toBe('file');
  });
});
