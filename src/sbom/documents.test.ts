import { describe, expect, it } from 'vitest';
import { expectCyclonedx, expectSpdx, spdxFaults } from '../../tests/support/sbom.ts';
import { cyclonedxDocument } from './cyclonedx.ts';
import type { BinaryPackage, Inventory } from './model.ts';
import { spdxDocument } from './spdx.ts';
import { supplierOf } from './supplier.ts';

function binary(name: string, change: Partial<BinaryPackage> = {}): BinaryPackage {
  return {
    ...{ name, architecture: 'amd64', version: '1.0-1', vendor: 'Debian', summary: `the package ${name}` },
    maintainer: 'A Team <team@lists.debian.org>',
    source: { vendor: 'Debian', name, version: '1.0-1' },
    ...{ builtUsing: [], needs: [], sha256: undefined, licence: undefined },
    ...change,
  };
}

const ODD = { id: 'LicenseRef-odd-0123456789ab', name: 'odd', text: 'Do "what" you want.' };
const INVENTORY: Inventory = {
  ...{ image: 'ab'.repeat(32), system: 'debian-13', createdSeconds: 1_700_000_000, programVersion: '0.1.0' },
  packages: [
    binary('curl', {
      needs: ['libstdc++6:amd64'],
      sha256: 'cd'.repeat(32),
      licence: { expression: `curl AND ${ODD.id}`, others: [ODD] },
      builtUsing: [{ vendor: 'Debian', name: 'golang-1.24', version: '1.24.4-1' }],
    }),
    binary('docker-ce', {
      vendor: 'Docker',
      maintainer: '',
      summary: '',
      version: '5:28.0.1-1~debian.13~trixie',
    }),
    binary('libstdc++6', { source: { vendor: 'Debian', name: 'gcc-14', version: '14.2.0-19' } }),
    binary('libstdc--6', { source: { vendor: 'Debian', name: 'gcc-14', version: '14.2.0-19' } }),
  ],
};
const FORMS = [
  ['spdx', spdxDocument],
  ['cyclonedx', cyclonedxDocument],
] as const;
const textOf = (document: object) => JSON.stringify(document, null, 2);

describe('a document of SPDX', () => {
  it('is valid, and says what is in the image', () => {
    const document = expectSpdx(textOf(spdxDocument(INVENTORY)));
    const id = (name: string, version = '1.0-1') =>
      document.packages.find(one => one.name === name && one.versionInfo === version)?.SPDXID;
    const curl = document.relationships.filter(one => one.spdxElementId === document.packages[1]?.SPDXID);
    const gcc = id('gcc-14', '14.2.0-19');
    expect(curl.map(one => [one.relationshipType, one.relatedSpdxElement, one.comment])).toEqual([
      ['GENERATED_FROM', expect.stringMatching(/^SPDXRef-Source-Debian-curl-1\.0-1-/), undefined],
      ['GENERATED_FROM', id('golang-1.24', '1.24.4-1'), 'Built-Using'],
      ['DEPENDS_ON', id('libstdc++6'), undefined],
    ]);
    expect(document.packages.filter(one => one.SPDXID === gcc)).toHaveLength(1);
    expect(document.relationships.filter(one => one.relatedSpdxElement === gcc)).toHaveLength(2);
    expect(document.relationships[0]).toMatchObject({
      relationshipType: 'DESCRIBES',
      relatedSpdxElement: 'SPDXRef-Image',
    });
    expect(document.relationships.filter(one => one.relationshipType === 'CONTAINS')).toHaveLength(4);
    expect(document.packages[1]).toMatchObject({
      supplier: 'Organization: A Team (team@lists.debian.org)',
      licenseDeclared: 'curl AND LicenseRef-odd-0123456789ab',
      checksums: [{ checksumValue: 'cd'.repeat(32) }],
    });
    expect(document.packages[2]?.externalRefs).toMatchObject([
      {
        referenceLocator: 'pkg:deb/docker/docker-ce@5:28.0.1-1~debian.13~trixie?arch=amd64&distro=debian-13',
      },
    ]);
    expect(document.packages[2]).not.toHaveProperty('supplier');
    expect(document.creationInfo.created).toBe('2023-11-14T22:13:20Z');
  });

  it('that is wrong is told from one that is right', () => {
    const wrong = {
      ...spdxDocument(INVENTORY),
      packages: [{ SPDXID: 'x', files: [] }],
      spdxVersion: 'SPDX-2.2',
    };
    expect(spdxFaults(textOf(wrong)).length).toBeGreaterThan(3);
  });
});

describe('a document of CycloneDX', () => {
  it('is valid, and is read by another program without loss', async () => {
    const document = await expectCyclonedx(textOf(cyclonedxDocument(INVENTORY)));
    expect(document.components[0]).toMatchObject({
      'bom-ref': 'curl:amd64',
      hashes: [{ content: 'cd'.repeat(32) }],
      pedigree: {
        ancestors: [
          { purl: 'pkg:deb/debian/curl@1.0-1?arch=source&distro=debian-13' },
          { purl: 'pkg:deb/debian/golang-1.24@1.24.4-1?arch=source&distro=debian-13' },
        ],
      },
    });
    expect(document.dependencies[1]).toEqual({ ref: 'curl:amd64', dependsOn: ['libstdc++6:amd64'] });
    expect(document.metadata).toMatchObject({
      timestamp: '2023-11-14T22:13:20Z',
      component: { version: 'ab'.repeat(32) },
    });
  });
});

describe.each(FORMS)('%s', (_, form) => {
  it('is the same each time, and has another name when anything is another', () => {
    const text = textOf(form(INVENTORY));
    expect(textOf(form(structuredClone(INVENTORY)))).toBe(text);
    const nameOf = (document: object) =>
      /"(?:documentNamespace|serialNumber)": "(.*)"/.exec(textOf(document))?.[1];
    const others = [
      { ...INVENTORY, image: 'cd'.repeat(32) },
      { ...INVENTORY, packages: INVENTORY.packages.map(one => ({ ...one, licence: undefined })) },
    ];
    expect(new Set([INVENTORY, ...others].map(form).map(nameOf)).size).toBe(3);
  });

  it('is valid whatever records say', async () => {
    const nasty = '"\n\u0007\u009b<>()&\ud800 {}[]';
    const packages = [
      binary('a', { version: nasty, summary: nasty, vendor: nasty, maintainer: `${nasty} <a b@c>` }),
      binary('b', { maintainer: '<nobody>', source: { vendor: nasty, name: nasty, version: nasty } }),
    ];
    const text = textOf(form({ ...INVENTORY, packages }));
    if (form === spdxDocument) expect(spdxFaults(text)).toEqual([]);
    else await expectCyclonedx(text.replaceAll('\\ud800', '?'));
  });
});

describe('who supplies a package', () => {
  it.each([
    ['A Team <team@lists.debian.org>', { name: 'A Team', email: 'team@lists.debian.org', isTeam: true }],
    ['Jane Doe <jane@debian.org>', { name: 'Jane Doe', email: 'jane@debian.org', isTeam: false }],
    ['"Doe, Jane" <jane@debian.org>', { name: 'Doe, Jane', email: 'jane@debian.org', isTeam: false }],
    ['<jane@debian.org>', { name: 'jane@debian.org', email: 'jane@debian.org', isTeam: false }],
    ['Jane (work) <jane at home>', { name: 'Jane work', email: undefined, isTeam: false }],
    ['', undefined],
    ['<<>>', undefined],
  ])('%s', (maintainer, supplier) => {
    expect(supplierOf(maintainer)).toEqual(supplier);
  });
});
