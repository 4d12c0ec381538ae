import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aptGetInstallChroot } from '../support/apt-oracle.ts';
import { unpackMinbase } from '../support/base.ts';
import { execute, must } from '../support/command.ts';
import { buildDeb } from '../support/deb.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayerMust } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** Images have further ones, of identity and accounts. */
const OWN_UNITS = /-(boot|finalize|confirm|upgrade|adopt|emergency|give-up)\.service$/;
const GUARD = '/usr/lib/apt-layer/refuse';
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const { version: VERSION } = JSON.parse(fs.readFileSync(path.join(CHECKOUT, 'package.json'), 'utf8'));

const work = temporaryDirectory('deb');
/** A plain Debian with the package installed by apt-get. */
const root = work.join('root');
let deb: string;

beforeAll(async () => {
  deb = await build('first');
  await unpackMinbase(root);
  fs.copyFileSync(deb, path.join(root, 'root', path.basename(deb)));
  await aptGetInstallChroot(root, [path.join('/root', path.basename(deb))]);
});
afterAll(() => work[Symbol.asyncDispose]());

async function build(name: string, env: Record<string, string> = {}): Promise<string> {
  const script = path.join(CHECKOUT, 'scripts/deb.sh');
  const printed = await must('bash', [script, '--output', work.join(name)], { env });
  return printed.trim();
}

const digest = (file: string) => createHash('sha256').update(fs.readFileSync(file)).digest('hex');
const inRoot = (...command: string[]) =>
  execute('chroot', [root, ...command], { env: { PATH, HOME: '/root', DEBIAN_FRONTEND: 'noninteractive' } });

describe('the package', () => {
  it('has the same bytes wherever and whenever it is built', async () => {
    const again = await build('second', { TZ: 'Asia/Tokyo', LC_ALL: 'C', SOURCE_DATE_EPOCH: '1' });
    expect(digest(again)).toBe(digest(deb));
  });

  it('is without errors and warnings to lintian', async () => {
    const { code, stdout } = await execute('lintian', ['--allow-root', '--fail-on', 'error,warning', deb]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });

  it('refuses arguments that it does not know', async () => {
    const { code, stderr } = await execute('bash', [path.join(CHECKOUT, 'scripts/deb.sh'), '--out', 'x']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/unknown argument '--out'/);
  });

  it('lists every file below /etc as configuration', async () => {
    const tree = work.join('tree');
    await must('dpkg-deb', ['--raw-extract', deb, tree]);
    const files = await must('find', ['etc', '-type', 'f', '-printf', '/%p\n'], { cwd: tree });
    const listed = fs.readFileSync(`${tree}/DEBIAN/conffiles`, 'utf8');
    expect(listed.trim().split('\n').sort()).toEqual(files.trim().split('\n').sort());
  });

  it('depends on the libraries that the program opens by name', async () => {
    const source = fs.readFileSync(path.join(CHECKOUT, 'src/sys/decompress.ts'), 'utf8');
    const needed = [...source.matchAll(/bound\('[^']+', '([^']+)'/g)].map(match => match[1]);
    expect(needed).toHaveLength(4);
    const depends = (await must('dpkg-deb', ['--field', deb, 'Depends'])).trim().split(/, /);
    expect(depends).toEqual(expect.arrayContaining(needed));
  });
});

describe('installed in a plain Debian', () => {
  it('runs', async () => {
    expect(await inRoot('apt-layer', '--version')).toMatchObject({
      code: 0,
      stdout: `apt-layer ${VERSION}\n`,
    });
    expect(await inRoot('apt-layer', 'status')).toMatchObject({ code: 0 });
    expect(await inRoot('dpkg', '--audit')).toMatchObject({ code: 0, stdout: '' });
  });

  it('has a manual page without mistakes', async () => {
    const { code, stdout, stderr } = await execute(
      'man',
      ['--warnings', '-l', `${root}/usr/share/man/man8/apt-layer.8.gz`],
      { env: { MANPAGER: 'cat', MANWIDTH: '80' } },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^NAME$/m);
  });

  it('completes in bash', async () => {
    const script = 'source "$1" && complete -p apt-layer';
    const { code, stdout } = await inRoot(
      'bash',
      '--norc',
      '-c',
      script,
      'bash',
      '/usr/share/bash-completion/completions/apt-layer',
    );
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/apt-layer$/m) });
  });
});

describe('layered by the program itself', () => {
  const image = work.join('image');

  beforeAll(async () => {
    // What it depends on stays, so that nothing is fetched. After the tests above: copying the root takes long.
    await must('chroot', [root, 'dpkg', '--purge', 'apt-layer'], { env: { PATH } });
    const left = ['/etc', '/usr', '/var/lib'].map(directory => `${root}${directory}`);
    const found = await must('find', [...left, '-name', '*apt-layer*']);
    expect(found).toBe('');
    const sysroot = work.join('sysroot');
    await aptLayerMust(sysroot, ['image', 'import', root, '--ref', 'min']);
    const spec = work.join('spec.yaml');
    fs.writeFileSync(spec, `name: own\nbase-image: local://min\nlayers: [${deb}]\n`);
    await aptLayerMust(sysroot, ['compose', 'tree', spec]);
    await aptLayerMust(sysroot, ['checkout', '0', image]);
  });

  it('has the units of the machine enabled, and the automatic updates not', async () => {
    const find = ['-path', '*.wants/apt-layer-*', '-printf', '%f\n'];
    const enabled = await must('find', [`${image}/usr/lib/systemd`, `${image}/etc/systemd`, ...find]);
    expect(enabled.trim().split('\n').sort()).toEqual([
      'apt-layer-adopt.service',
      'apt-layer-boot.service',
      'apt-layer-cleanup.timer',
      'apt-layer-confirm.service',
      'apt-layer-emergency.service',
      'apt-layer-emergency.service',
      'apt-layer-finalize.service',
      'apt-layer-give-up.timer',
    ]);
  });

  it('has units that do nothing on a machine that was not booted from a deployment', async () => {
    const directory = `${image}/usr/lib/systemd/system`;
    const services = fs.readdirSync(directory).filter(name => /^apt-layer-\w+\.service$/.test(name));
    expect(services.length).toBeGreaterThan(3);
    for (const name of services.filter(name => OWN_UNITS.test(name)))
      expect(fs.readFileSync(`${directory}/${name}`, 'utf8')).toContain(
        '\nConditionPathExists=/run/apt-layer/booted\n',
      );
  });

  it('has the part for the initramfs', () => {
    for (const name of ['hooks/apt-layer', 'scripts/init-top/apt-layer'])
      expect(fs.statSync(`${image}/usr/share/initramfs-tools/${name}`).mode & 0o777).toBe(0o755);
  });

  describe('on a machine', () => {
    const run = work.join('run');
    const physical = work.join('physical');
    let tool: string;

    beforeAll(async () => {
      fs.mkdirSync(`${run}/apt-layer`, { recursive: true });
      fs.writeFileSync(
        `${run}/apt-layer/booted`,
        '{"version":1,"deployment":"none","image":"none","verity":false}\n',
      );
      fs.mkdirSync(physical);
      const built = await buildDeb({ name: 'tool', files: { '/usr/share/tool': 'x' } }, `${image}/srv`);
      tool = built.slice(image.length);
    });

    interface Machine {
      readonly booted?: boolean;
      readonly usr?: 'ro' | 'rw';
      readonly env?: Record<string, string>;
    }

    /** Runs a command in the image as the system of a machine. */
    function onMachine(command: readonly string[], { booted = true, usr = 'ro', env = {} }: Machine = {}) {
      return execute('bwrap', [
        ...['--unshare-pid', '--cap-add', 'ALL', '--bind', image, '/', '--proc', '/proc', '--dev', '/dev'],
        ...(usr === 'ro' ? ['--ro-bind', `${image}/usr`, '/usr'] : []),
        ...(booted ? ['--ro-bind', run, '/run', '--ro-bind', physical, '/sysroot'] : ['--tmpfs', '/run']),
        ...['--clearenv', '--setenv', 'PATH', PATH, '--setenv', 'DEBIAN_FRONTEND', 'noninteractive'],
        ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
        ...command,
      ]);
    }

    it('the program writes to the sysroot, which stays read-only for all others', async () => {
      const script =
        'apt-layer --sysroot /sysroot image import /etc/apt --ref mine && ! touch /sysroot/by-hand';
      const { code, stderr } = await onMachine(['sh', '-c', script]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('Read-only file system') });
      expect(fs.readdirSync(`${physical}/composefs/images/refs/base`)).toEqual(['mine']);
    });

    it.each([
      ['apt install vim', 'layer vim'],
      ['apt-get -y install vim', 'layer vim'],
      [
        'apt-get -qy -o A=install install -t trixie vim=2 ./own.deb --no-install-recommends',
        'layer vim=2 ./own.deb',
      ],
      ['apt-get -yoDebug::x=1 -q 2 -y yes install -- vim', 'layer vim'],
      ['apt-get -ot install install vim', 'layer install vim'],
      ['apt purge --target-release=trixie vim nano', 'unlayer vim nano'],
      ['apt --option Dpkg::Use-Pty=0 full-upgrade', 'upgrade'],
      ['apt reinstall bash', undefined],
      ['apt-get -f install', undefined],
      ['apt-get build-dep bash', undefined],
      ['apt-get autoremove', undefined],
    ])('`%s` says what to run instead, before apt looks for anything', async (typed, exact) => {
      const { code, stdout, stderr } = await onMachine(typed.split(' '));
      expect({ code, stdout }).toEqual({ code: 100, stdout: '' });
      if (exact !== undefined) expect(stderr).toContain(`, run\n\n  apt-layer ${exact}\n`);
      expect(stderr).toContain('apt-layer layer PACKAGE');
    });

    it.each<[string, string, Machine]>([
      ['of another system', 'apt-get -y -o DPkg::Chroot-Directory=/mnt install none', {}],
      [
        'by a configuration without the guard',
        'apt-get install none',
        { env: { APT_CONFIG: '/etc/no-guard' } },
      ],
      ['where it is allowed', 'apt-get install none', { env: { APT_LAYER_ALLOW: '1' } }],
      ['while /usr is writable', 'apt-get install none', { usr: 'rw' }],
      ['that is only simulated', 'apt-get -qs install none', {}],
      ['on another machine', 'apt-get install none', { booted: false }],
    ])("a change %s is apt's", async (_, typed, machine) => {
      fs.writeFileSync(`${image}/etc/no-guard`, 'Dir::Etc::parts "/none";\n');
      const { code, stderr } = await onMachine(typed.split(' '), machine);
      expect({ code, stderr }).toEqual({
        code: 100,
        stderr: expect.stringContaining('E: Unable to locate package none'),
      });
    });

    it("the guard stops what comes to dpkg by another way than root's PATH", async () => {
      for (const command of [
        ['/usr/bin/apt-get', '-y', 'install', tool],
        ['/usr/bin/apt', '-y', 'install', tool],
        ['/usr/bin/apt-get', '-y', 'remove', 'apt-layer'],
      ]) {
        const { code, stderr } = await onMachine(command);
        expect({ code, stderr }).toEqual({
          code: 100,
          stderr: expect.stringContaining('apt-layer layer PACKAGE'),
        });
      }
      expect((await onMachine(['dpkg', '-s', 'tool'])).code).toBe(1);
      expect((await onMachine(['dpkg', '-s', 'apt-layer'])).code).toBe(0);
    });

    it.each([
      [['apt', 'list', '--installed']],
      [['apt-cache', 'policy']],
      [['apt', 'show', 'apt-layer', '-a']],
      [['apt-get', '--version']],
      [['apt', 'list', 'install']],
      [['apt-get', 'clean']],
      [['apt-get', '--simulate', 'remove', 'apt-layer']],
      [['dpkg', '--list', 'apt-layer']],
      [['dpkg', '--search', '/usr/bin/apt-layer']],
      [['dpkg', '--verify', 'apt-layer']],
    ])('questions pass: %j', async command => {
      const { code, stderr } = await onMachine(command);
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('apt-layer:') });
    });

    it.each<[string, Machine, number]>([
      ['a booted machine', {}, 1],
      ['one that may', { env: { APT_LAYER_ALLOW: '1' } }, 0],
      ['one with a writable /usr', { usr: 'rw' }, 0],
      ['another machine', { booted: false }, 0],
    ])('the guard on %s', async (_, machine, code) => {
      expect((await onMachine([GUARD], machine)).code).toBe(code);
    });

    it('the guard does nothing in a chroot that has the /run of the machine', async () => {
      const script = `mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && mount --bind "$2" "$1/run" &&
        mount --rbind /proc "$1/proc" && chroot "$1" ${GUARD}`;
      const { code, stderr } = await execute('unshare', ['--mount', 'sh', '-c', script, 'sh', image, run]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    });

    it('apt installs where /usr is writable', async () => {
      expect(await onMachine(['apt-get', '-y', 'install', tool], { usr: 'rw' })).toMatchObject({ code: 0 });
      expect(fs.readFileSync(`${image}/usr/share/tool`, 'utf8')).toBe('x');
    });
  });
});
