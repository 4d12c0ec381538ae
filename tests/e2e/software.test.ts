import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { minbaseTar } from '../support/base.ts';
import { type FileServer, fileServer } from '../support/file-server.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { type ArchiveProxy, archiveProxy } from './support/archive-proxy.ts';
import { expectWell } from './support/health.ts';
import { installedDisk } from './support/installed.ts';
import { overlay } from './support/system.ts';
import { CONFIRMED, NETWORK_UP, startVm, type Vm } from './support/vm.ts';

const work = temporaryDirectory('software');
/** The kernel that stands for one of somebody's own; any but the newest of the archive. */
const OTHER_KERNEL = 'linux-image-6.12.107+deb13-cloud-amd64';
/** What does not change here is in the base, so that layering configures little. */
const BASE = [
  ...['systemd-sysv', 'dbus', 'udev', 'kmod', 'zstd', 'iproute2', 'e2fsprogs', 'initramfs-tools', 'nodejs'],
  ...[
    'libpam-systemd',
    'dbus-user-session',
    'podman',
    'uidmap',
    'passt',
    'catatonit',
    'netavark',
    'nftables',
  ],
  ...['flatpak', 'podman-toolbox', 'distrobox', 'busybox-static', 'libcap2-bin', 'dkms', 'make', 'gcc-14'],
];
const CHANGE_SECONDS = 2400;

let archive: ArchiveProxy;
let files: FileServer;
let vm: Vm;

/** In the session of an ordinary user that `anna` has once she lingers. */
const anna = (command: string) =>
  `cd /home/anna && runuser -u anna -- env HOME=/home/anna USER=anna SHELL=/bin/bash XDG_RUNTIME_DIR=/run/user/1000 \
  DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus ${command}`;

async function restart(): Promise<void> {
  await vm.reboot();
  await vm.must(NETWORK_UP);
  await expectWell(vm);
}

const TINY_ROOT = `mkdir -p /var/tmp/tiny/bin && cd /var/tmp/tiny/bin && cp /bin/busybox . && for a in sh echo id cat wget; do ln -sf busybox $a; done`;

/** A runtime and an application, as `flatpak build-export` takes them, in a repository of this machine. */
const FLATPAKS = `set -e
mkdir -p /var/tmp/flatpaks && cd /var/tmp/flatpaks
mkdir -p runtime/usr runtime/files app/files/bin app/export
cp -a /var/tmp/tiny/bin runtime/usr/
printf '[Runtime]\\nname=org.example.Platform\\n' >runtime/metadata
printf '#!/bin/sh\\necho "in a flatpak: $(id -u) $(cat ~/note)"\\n' >app/files/bin/hello
chmod 755 app/files/bin/hello
cat >app/metadata <<END
[Application]
name=org.example.Hello
runtime=org.example.Platform/x86_64/1
sdk=org.example.Platform/x86_64/1
command=hello
[Context]
filesystems=home;
END
flatpak build-export --runtime --no-update-summary repo runtime 1
flatpak build-export --no-update-summary repo app 1
flatpak build-update-repo repo
flatpak remote-add --no-gpg-verify test file:///var/tmp/flatpaks/repo
`;

// One machine: each restart takes minutes of emulation.
describe.runIf(process.env['APT_LAYER_VM'] === 'all')('on a machine that boots from a deployment', () => {
  beforeAll(async () => {
    archive = await archiveProxy('trixie');
    const tar = await minbaseTar();
    files = await fileServer(path.dirname(tar));
    const disk = await installedDisk(work, {
      baseLayers: BASE,
      layers: ['linux-headers-cloud-amd64'],
      ...{ mirror: archive.mirror, recommends: false, install: ['--bootloader', 'grub'] },
    });
    vm = await startVm({
      disk: await overlay(disk, work.join('software.qcow2')),
      firmware: 'seabios',
      network: true,
    });
    await vm.ready();
    await vm.must(NETWORK_UP);
    await vm.must(CONFIRMED, 2400);
    await vm.must(TINY_ROOT);
    await vm.must('useradd --create-home --uid 1000 --shell /bin/bash anna && echo hers >/home/anna/note');
    await vm.must('loginctl enable-linger anna; until [ -S /run/user/1000/bus ]; do sleep 1; done');
  });
  afterAll(async () => {
    await vm?.[Symbol.asyncDispose]();
    await files?.[Symbol.asyncDispose]();
    await archive?.[Symbol.asyncDispose]();
    await work[Symbol.asyncDispose]();
  });

  it('podman runs containers, with a network of their own', async () => {
    await vm.must('tar -C /var/tmp/tiny -c . | podman import - tiny');
    expect(await vm.must('podman run --rm tiny /bin/sh -c "id -u; cat /etc/hosts"')).toMatch(
      /^0\n[\s\S]*host.containers.internal/,
    );
    expect(await vm.must('podman info --format "{{.Store.GraphRoot}} {{.Store.GraphDriverName}}"')).toBe(
      '/var/lib/containers/storage overlay',
    );
  });

  it('podman runs containers of an ordinary user', async () => {
    expect(await vm.must('cat /etc/subuid /etc/subgid')).toMatch(/^anna:\d+:65536\nanna:\d+:65536$/);
    await vm.must(
      `tar -C /var/tmp/tiny -c . >/var/tmp/tiny.tar; ${anna('podman import /var/tmp/tiny.tar tiny')}`,
      600,
    );
    const run = 'podman run --rm --volume /home/anna:/hers tiny /bin/sh -c "id -u; cat /hers/note"';
    expect(await vm.must(anna(run), 600)).toBe('0\nhers');
    // By the other numbers that /etc/subuid gives her.
    expect(await vm.must(anna('podman run --rm --user 33 tiny /bin/id -u'))).toBe('33');
  });

  it('flatpak installs from a repository and runs as an ordinary user', async () => {
    await vm.must(FLATPAKS);
    await vm.must('flatpak install --noninteractive test org.example.Hello');
    expect(await vm.must(anna('flatpak run org.example.Hello'))).toBe('in a flatpak: 1000 hers');
    await vm.must(anna('flatpak --user remote-add --no-gpg-verify own file:///var/tmp/flatpaks/repo'));
    await vm.must(anna('flatpak --user install --noninteractive own org.example.Hello'));
    expect(await vm.must(anna('flatpak --user run org.example.Hello'))).toBe('in a flatpak: 1000 hers');
  });

  it('toolbox has a Debian of the user to work in', async () => {
    const tar = '/var/tmp/minbase.tar';
    const url = `${files.url.replace('127.0.0.1', '10.0.2.2')}/trixie-minbase.tar`;
    await vm.must(`/usr/lib/apt/apt-helper download-file ${url} ${tar} && chmod 644 ${tar}`);
    // A container of toolbox needs it.
    await vm.must(`tar --append --file ${tar} --directory / ./usr/sbin/capsh`);
    const label = '--change "LABEL com.github.containers.toolbox=true" --change "CMD /bin/bash"';
    await vm.must(anna(`podman import ${label} /var/tmp/minbase.tar localhost/debian:13`), 1200);
    await vm.must(anna('toolbox create --image localhost/debian:13 dev'), 1800);
    const inside = 'toolbox run --container dev sh -c "id -un; cat ~/note; cat /run/host/etc/hostname"';
    expect(await vm.must(anna(inside), 1200)).toBe('anna\nhers\nvm');
  });

  it('distrobox makes a container of what is there; what it installs in it at its first start needs an archive', async () => {
    await vm.must(anna('distrobox create --yes --image localhost/debian:13 --name box'), 1200);
    expect(await vm.must(anna('distrobox list'))).toMatch(/\| box +\| Created +\| localhost\/debian:13/);
  });

  it('a module of DKMS that is layered is built, and loaded after a restart', async () => {
    await vm.must('apt-layer layer acpi-call-dkms', CHANGE_SECONDS);
    expect((await vm.run('modprobe acpi_call')).code).not.toBe(0);
    await restart();
    await vm.must('modprobe acpi_call');
    expect(await vm.must('lsmod')).toMatch(/^acpi_call /m);
    expect(await vm.must('dkms status')).toMatch(/^acpi-call\/\S+, \S+-cloud-amd64, x86_64: installed/);
    expect(await vm.must('podman run --rm tiny /bin/echo kept')).toBe('kept');
  });

  it('a kernel of its own takes the place of that of the archive', async () => {
    const before = await vm.must('uname -v');
    await vm.must(`cd /var/tmp && apt-get update && apt-get download ${OTHER_KERNEL}`);
    await vm.must(
      `cd /var/tmp && dpkg-deb -R ${OTHER_KERNEL}_*.deb own && ` +
        "sed -i 's/^Package: .*/Package: linux-image-cloud-amd64/; s/^Version: .*/Version: 99+own/' own/DEBIAN/control && " +
        'dpkg-deb -b -Zgzip -z1 own own.deb',
      900,
    );
    // They need the kernel that they are for.
    await vm.must('apt-layer unlayer acpi-call-dkms linux-headers-cloud-amd64', CHANGE_SECONDS);
    await vm.must('apt-layer override linux-image-cloud-amd64 /var/tmp/own.deb', CHANGE_SECONDS);
    await restart();
    const release = OTHER_KERNEL.replace('linux-image-', '');
    expect(await vm.must('uname -r; ls /usr/lib/modules')).toBe(`${release}\n${release}`);
    const after = await vm.must('uname -v');
    expect(after).not.toBe(before);
    expect(after).toContain('Debian 6.12.107-');
    expect(await vm.must("dpkg -l 'linux-image-*' | awk '/^ii/ { print $2, $3 }'")).toBe(
      'linux-image-cloud-amd64 99+own',
    );
    expect(await vm.must('apt-layer override list')).toContain('linux-image-cloud-amd64');
  });
});
