import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromText, toText } from '../../src/formats/bytes/index.ts';
import { diffNodes, lookup, type Tree } from '../../src/formats/tree/index.ts';
import { finishTree, restore } from '../../src/layer/index.ts';
import { checkout, importDirectory, writeImageObject } from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { aptGetInstallChroot } from '../support/apt-oracle.ts';
import { unpackMinbase } from '../support/base.ts';
import { execute, must } from '../support/command.ts';
import { testHost } from '../support/host.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** Packages that make secrets, and an init that starts the unit which makes them again. */
const PACKAGES = ['systemd', 'openssh-server', 'ssl-cert', 'dbus'];
const UNIT = '/usr/lib/systemd/system/apt-layer-secrets.service';
const KEYS = ['/etc/ssh/ssh_host_ed25519_key', '/etc/ssl/private/ssl-cert-snakeoil.key'];

describe('the finished image of a real root', () => {
  const work = temporaryDirectory('finish');
  const host = testHost();
  const store = ensureStore(host, work.join('composefs'));
  const context = {
    host,
    store,
    sysroot: work.path,
    workDirectory: work.join('work'),
    onOutput: () => undefined,
    logPath: '/nowhere',
  };
  const epochSeconds = 1_700_000_000;
  const finish = (tree: Tree) => finishTree(context, tree, { epochSeconds, ids: { users: {}, groups: {} } });
  const root = work.join('root');
  let plain: Tree;
  let image: Tree;

  beforeAll(async () => {
    const made = work.join('plain');
    await unpackMinbase(made);
    await aptGetInstallChroot(made, PACKAGES);
    plain = await importDirectory(store, made, { mode: 'copy' });
    image = finish(plain);
    await checkout(store, image, root);
  });
  afterAll(() => work[Symbol.asyncDispose]());

  it('has no secret, no name and no time of its build', () => {
    for (const key of KEYS) {
      expect(lookup(plain, fromText(key))?.kind).toBe('file');
      expect(fs.existsSync(`${root}${key}`)).toBe(false);
    }
    expect(fs.readFileSync(`${root}/etc/machine-id`)).toHaveLength(0);
    expect(fs.readlinkSync(`${root}/var/lib/dbus/machine-id`)).toBe('/etc/machine-id');
    expect(fs.readFileSync(`${root}/etc/shadow`, 'latin1')).toMatch(/^sshd:![^:]*::/m);
    expect(fs.statSync(`${root}/etc/passwd`).mtimeMs).toBeLessThanOrEqual(epochSeconds * 1000);
  });

  it('differs from the plain root by what is documented, and is the same when it is finished again', () => {
    expect(writeImageObject(store, finish(restore(image)))).toBe(writeImageObject(store, image));
    const expected =
      /^\/(dev|proc|sys|run|tmp|var\/(log|cache|backups|tmp|lib\/apt\/lists|lib\/dpkg)|etc\/ssl\/(private|certs)|usr\/lib\/(apt-layer|systemd\/system))\/|^\/(etc\/(ssh\/ssh_host_[^/]*|[^/]*-|\.pwd\.lock|machine-id|resolv\.conf|shadow)|var\/lib\/dbus\/machine-id|usr\/lib\/apt-layer)$/;
    const other = [...diffNodes(plain, restore(image))].map(({ path }) => toText(path));
    expect(other.filter(path => !expected.test(path))).toEqual([]);
    expect(other).toEqual(expect.arrayContaining([...KEYS, UNIT, '/etc/machine-id', '/etc/shadow']));
  });

  it('is a complete installation to dpkg', async () => {
    expect(await must('chroot', [root, 'dpkg', '--audit'])).toBe('');
    expect((await execute('chroot', [root, 'dpkg', '--verify'])).stdout).toBe('');
    const installed = await must('chroot', [root, 'dpkg-query', '-W', '-f', `\${db:Status-Abbrev}\n`]);
    expect(
      new Set(
        installed
          .trim()
          .split('\n')
          .map(line => line.trim()),
      ),
    ).toEqual(new Set(['ii']));
  });

  /** As at boot: with devices. */
  const inRoot = (...command: string[]) =>
    must('unshare', [
      ...['--mount', 'sh', '-ec', 'mount --bind /dev "$1/dev"; exec chroot "$@"', 'sh', root],
      ...command,
    ]);

  it('has a unit that systemd takes, and that makes the secrets', async () => {
    const verified = await execute('chroot', [root, 'systemd-analyze', 'verify', '--man=no', UNIT]);
    expect(verified).toMatchObject({ code: 0, stderr: '' });
    await inRoot('/usr/lib/apt-layer/make-secrets');
    for (const key of KEYS) expect(fs.statSync(`${root}${key}`).size).toBeGreaterThan(100);
    const made = fs.readFileSync(`${root}${KEYS[0]}`);
    await inRoot('/usr/lib/apt-layer/make-secrets');
    expect(fs.readFileSync(`${root}${KEYS[0]}`)).toEqual(made);
    fs.mkdirSync(`${root}/run/sshd`, { recursive: true });
    await inRoot('/usr/sbin/sshd', '-t');
  });
});
