import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../differential/judge.ts';
import { checkoutPlain } from '../differential/plain-root.ts';
import { renderDifferences } from '../differential/report.ts';
import { aptGetInstallChroot } from '../support/apt-oracle.ts';
import { type Archive, archive } from '../support/archive.ts';
import { copyRoot, unpackMinbase } from '../support/base.ts';
import { aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories } from '../support/system.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** The archive of a test, which its spec adds to our side only. */
const OWN_ARCHIVE = /^\/etc\/apt\/(keyrings|sources\.list\.d)(\/apt-layer-test\..*)?$/;

function differences(theirs: string, ours: string): string {
  const expected = [{ path: OWN_ARCHIVE, reason: 'the archive of the test' }];
  return renderDifferences(judge(theirs, ours, { expected }).differences);
}

describe('a layered tree equals what plain apt-get makes in a chroot', () => {
  it('for real packages: conffiles, alternatives, triggers, setcap, setuid, units, users, compiled python', async () => {
    await using work = temporaryDirectory('differential');
    const packages = [
      'vim-tiny',
      'sudo',
      'iputils-ping',
      'systemd-sysv',
      'dbus',
      'python3-minimal',
      'openssh-server',
      'man-db',
    ];
    await unpackMinbase(work.join('base'));
    const sysroot = work.join('sysroot');
    await aptLayerMust(sysroot, ['image', 'import', work.join('base'), '--ref', 'min']);
    fs.writeFileSync(work.join('spec.yaml'), `base-image: local://min\nlayers: [${packages.join(', ')}]\n`);
    await aptLayerMust(sysroot, ['compose', 'tree', work.join('spec.yaml'), '--no-deploy', '--ref', 'out']);
    await checkoutPlain(sysroot, 'out', work.join('ours'));
    await copyRoot(work.join('base'), work.join('theirs'));
    await aptGetInstallChroot(work.join('theirs'), packages, { installRecommends: true });
    expect(differences(work.join('theirs'), work.join('ours'))).toBe('');
    expect(fs.statSync(work.join('ours', 'usr/bin/sudo')).mode & 0o7777).toBe(0o4755);
  });
});

describe('corner cases of packages', () => {
  let repository: Archive;
  let system: LocalSystem;
  beforeAll(async () => {
    repository = await archive([
      {
        name: 'corner-c++',
        version: '2:1.0~rc1+dfsg-3',
        architecture: 'amd64',
        files: {
          '/usr/lib/corner/setuid': { content: 'x'.repeat(200), mode: 0o4755 },
          '/usr/lib/corner/owned': { content: 'y'.repeat(200), uid: 8, gid: 12, mode: 0o640 },
          '/usr/lib/corner/linked': { hardlink: '/usr/lib/corner/setuid' },
          '/usr/lib/corner/empty': { directory: true, mode: 0o750 },
          '/usr/lib/corner/link': { symlink: '../../share/nowhere' },
          '/opt/corner/data': 'opt',
          '/etc/corner.conf': 'setting=1\n',
          '/etc/corner.d/long.conf': `${'# line\n'.repeat(50)}`,
        },
        conffiles: ['/etc/corner.conf', '/etc/corner.d/long.conf'],
        scripts: {
          preinst: 'dpkg-divert --package corner-c++ --add --rename --divert /etc/issue.corner /etc/issue',
          postinst:
            'mkdir -p /var/lib/corner; echo made > /var/lib/corner/state; chmod 600 /var/lib/corner/state\n' +
            'ln -sf corner.conf /etc/corner.link; chown 5:6 /usr/lib/corner/empty; rm -f /etc/issue.net\n' +
            'update-alternatives --install /usr/bin/corner corner /usr/lib/corner/setuid 10',
        },
        depends: ['corner-data'],
      },
      {
        name: 'corner-data',
        files: { '/usr/share/corner-watched/a': 'a'.repeat(100) },
        multiArch: 'foreign',
      },
      {
        name: 'corner-trigger',
        triggers: ['interest-noawait /usr/share/corner-watched'],
        scripts: { postinst: 'echo "$@" >> /var/lib/corner-triggered' },
      },
    ]);
    system = await localSystem(repository);
  });
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await repository[Symbol.asyncDispose]();
  });

  it('come out as with apt-get: odd names, versions, owners, links, conffiles, diversions, triggers, /opt', async () => {
    const packages = ['corner-c++', 'corner-trigger'];
    const sysroot = await system.copy('corner');
    await aptLayerMust(sysroot, ['layer', ...packages]);
    const status = (await aptLayerMust(sysroot, ['status', '--json'])).json() as {
      deployments: { checksum: string }[];
    };
    await checkoutPlain(sysroot, status.deployments[0]?.checksum ?? '', system.directory.join('ours'));
    await copyRoot(system.root, system.directory.join('theirs'));
    await aptGetInstallChroot(system.directory.join('theirs'), packages, {
      installRecommends: true,
      sources: repository.sources,
    });
    expect(differences(system.directory.join('theirs'), system.directory.join('ours'))).toBe('');
    const lock = (await aptLayerMust(sysroot, ['status', '--json'])).json() as {
      deployments: { packages: string[] }[];
    };
    expect(lock.deployments[0]?.packages).toContain('corner-c++_2:1.0~rc1+dfsg-3_amd64');
  });

  it('remove: drops a package of the base as apt-get purge does', async () => {
    const sysroot = await system.copy('remove');
    const text = `base-image: local://min\nremove: [tzdata]\n${repositories(repository)}`;
    await aptLayerMust(sysroot, [
      'compose',
      'tree',
      system.spec('remove', text),
      '--no-deploy',
      '--ref',
      'removed',
    ]);
    await checkoutPlain(sysroot, 'removed', system.directory.join('removed'));
    await copyRoot(system.root, system.directory.join('purged'));
    await aptGetInstallChroot(system.directory.join('purged'), ['tzdata-'], {
      sources: repository.sources,
      options: ['APT::Get::Purge=true'],
    });
    expect(differences(system.directory.join('purged'), system.directory.join('removed'))).toBe('');
    expect(fs.existsSync(system.directory.join('removed', 'usr/share/zoneinfo/UTC'))).toBe(false);
  });
});
