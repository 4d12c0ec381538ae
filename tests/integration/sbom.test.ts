import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BootedMachine, bootedMachine } from '../support/booted-machine.ts';
import { aptLayerAsNobody, cannotRunAsNobody } from '../support/nobody.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type CyclonedxDocument, expectCyclonedx, expectSpdx, type SpdxDocument } from '../support/sbom.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const FORMAT = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n';
const STATUS = `Package: dpkg
Status: install ok installed
Maintainer: Dpkg Developers <debian-dpkg@lists.debian.org>
Architecture: amd64
Version: 1.22.21
Description: package manager

Package: curl
Status: install ok installed
Maintainer: Jane Doe <jane@debian.org>
Architecture: amd64
Version: 8.14.1-2+b1
Source: curl (8.14.1-2)
Depends: libstdc++6 (>= 5) | other, absent
Pre-Depends: dpkg
Recommends: gone
Built-Using: golang-1.24 (= 1.24.4-1)
Description: transfers \u009b[31mfiles

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: libstdc++6
Status: install ok installed
Maintainer: GCC <debian-gcc@lists.debian.org>
Architecture: amd64
Multi-Arch: same
Version: 14.2.0-19~deb13u1
Source: gcc-14
Description: library

Package: docker-ce
Status: install ok installed
Maintainer: Docker <support@docker.com>
Origin: Docker
Architecture: amd64
Version: 5:28.0.1-1~debian.13~trixie
Description: containers

`;
const FILES = {
  'usr/lib/os-release': 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n',
  'var/lib/dpkg/status': STATUS,
  'usr/share/doc/curl/copyright': `${FORMAT}Files: *\nLicense: curl\n\nFiles: debian/*\nLicense: GPL-2+ or Expat\n`,
  'usr/share/doc/libstdc++6/copyright': 'This compiler is free software.\n',
  'usr/share/doc/dpkg/copyright': `${FORMAT}Files: *\nLicense: odd\n The text of it.\n`,
};
const HASHES = { curl: 'ab'.repeat(32), dpkg: 'cd'.repeat(32) };
const locked = (name: string, version: string, sha256: string) => ({
  ...{ name, architecture: 'amd64', version, sha256, size: 1, requested: true },
  uri: `https://mirror.example.org/debian/pool/main/${name}.deb`,
});
const LOCK = {
  base: {
    request: 'apt://trixie',
    digest: '0'.repeat(64),
    packages: [locked('dpkg', '1.22.21', HASHES.dpkg)],
  },
  // Of another version than the one that is there: it says nothing of that.
  packages: [locked('curl', '8.14.1-2+b1', HASHES.curl), locked('libstdc++6', '14.2.0-18', 'ef'.repeat(32))],
};

let directory: TemporaryDirectory;
let machine: BootedMachine;
/** When the image was there, in milliseconds. */
let made: number;

beforeAll(async () => {
  directory = temporaryDirectory('sbom');
  fs.chmodSync(directory.path, 0o755);
  machine = bootedMachine(directory.join('machine'));
  const { base, packages } = LOCK;
  await machine.deploy(FILES, {
    lockText: JSON.stringify({ version: 2, ...LOCK }),
    origin: { spec: {}, lock: { base: { request: base.request, digest: base.digest }, packages } },
  });
  made = Date.now();
});
afterAll(() => directory[Symbol.asyncDispose]());

const sbom = async (...words: string[]) => await aptLayerMust(machine.sysroot, ['sbom', ...words]);
const packageOf = ({ packages }: SpdxDocument, name: string) => packages.find(one => one.name === name);
const component = ({ components }: CyclonedxDocument, name: string) =>
  components.find(one => one.name === name);

describe('sbom', () => {
  it('prints SPDX that is valid, of what is there', async () => {
    const { stdout, stderr } = await sbom();
    const document = expectSpdx(stdout);
    expect(stderr).toBe('');
    expect(stdout).not.toContain('\u009b');
    expect(document.packages.map(one => [one.name, one.versionInfo].join(' ')).slice(1)).toEqual([
      'curl 8.14.1-2+b1',
      'docker-ce 5:28.0.1-1~debian.13~trixie',
      'dpkg 1.22.21',
      'libstdc++6 14.2.0-19~deb13u1',
      'curl 8.14.1-2',
      'dpkg 1.22.21',
      'gcc-14 14.2.0-19~deb13u1',
      'golang-1.24 1.24.4-1',
      'docker-ce 5:28.0.1-1~debian.13~trixie',
    ]);
    expect(packageOf(document, 'curl')).toMatchObject({
      supplier: 'Person: Jane Doe (jane@debian.org)',
      licenseDeclared: 'curl AND (GPL-2.0-or-later OR MIT)',
      checksums: [{ checksumValue: HASHES.curl }],
      externalRefs: [{ referenceLocator: 'pkg:deb/debian/curl@8.14.1-2%2Bb1?arch=amd64&distro=debian-13' }],
    });
    expect(packageOf(document, 'libstdc++6')).toMatchObject({ licenseDeclared: 'NOASSERTION' });
    expect(packageOf(document, 'libstdc++6')).not.toHaveProperty('checksums');
    expect(packageOf(document, 'dpkg')).toMatchObject({ checksums: [{ checksumValue: HASHES.dpkg }] });
    expect(document.hasExtractedLicensingInfos).toMatchObject([{ extractedText: 'The text of it.' }]);
    const named = (id: string) => document.packages.find(one => one.SPDXID === id)?.name;
    const ofCurl = document.relationships.filter(
      one => one.spdxElementId === packageOf(document, 'curl')?.SPDXID,
    );
    expect(ofCurl.map(one => `${one.relationshipType} ${named(one.relatedSpdxElement)}`)).toEqual([
      'GENERATED_FROM curl',
      'GENERATED_FROM golang-1.24',
      'DEPENDS_ON dpkg',
      'DEPENDS_ON libstdc++6',
    ]);
  });

  it('prints CycloneDX that is valid, of the same', async () => {
    const { stdout } = await sbom('--format', 'cyclonedx');
    const document = await expectCyclonedx(stdout);
    expect(component(document, 'curl')).toMatchObject({
      hashes: [{ content: HASHES.curl }],
      licenses: [{ expression: 'curl AND (GPL-2.0-or-later OR MIT)' }],
    });
    expect(component(document, 'docker-ce')?.purl).toMatch(/^pkg:deb\/docker\/docker-ce@5:28/);
    expect(document.dependencies.find(one => one.ref === 'curl:amd64')?.dependsOn).toEqual([
      'dpkg:amd64',
      'libstdc++6:amd64',
    ]);
    const { documentNamespace, creationInfo } = (await sbom('--json')).json() as SpdxDocument;
    expect(document.metadata.timestamp).toBe(creationInfo.created);
    expect(documentNamespace).toContain(document.metadata.component.version);
  });

  it.each(['spdx', 'cyclonedx'])('as %s is the same each time, whatever names the image', async format => {
    const { stdout } = await sbom('--format', format);
    expect((await sbom('--format', format)).stdout).toBe(stdout);
    expect((await sbom('--format', format, 'local://test')).stdout).toBe(stdout);
    // The time is that of what is in the image, not that of the run.
    const [created = ''] = /\d{4}-\d\d-\d\dT[\d:]+Z/.exec(stdout) ?? [];
    expect(Date.parse(created)).toBeLessThanOrEqual(made);
  });

  it.skipIf(cannotRunAsNobody() !== undefined)('says without root what it leaves out', async () => {
    const { code, stdout, stderr } = await aptLayerAsNobody(machine.sysroot, ['sbom']);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^warning: without root there are no licences and no hashes of what the base brings/,
    );
    const document = expectSpdx(stdout);
    expect(packageOf(document, 'curl')).toMatchObject({
      licenseDeclared: 'NOASSERTION',
      checksums: [{ checksumValue: HASHES.curl }],
    });
    expect(packageOf(document, 'dpkg')).not.toHaveProperty('checksums');
    expect((await aptLayerAsNobody(machine.sysroot, ['sbom'])).stdout).toBe(stdout);
    // Another document has another name.
    expect(document.documentNamespace).not.toBe(((await sbom()).json() as SpdxDocument).documentNamespace);
  });

  it('refuses what is not there, and what it does not know', async () => {
    expect(await aptLayer(machine.sysroot, ['sbom', 'local://absent'])).toMatchObject({
      code: 1,
      stdout: '',
    });
    expect(await aptLayer(machine.sysroot, ['sbom', '--format', 'xml'])).toMatchObject({
      code: 2,
      stdout: '',
    });
  });
});
