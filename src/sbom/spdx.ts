import { createHash } from 'node:crypto';
import {
  createdAt,
  documentUuid,
  packageKey,
  packageUrl,
  sourceKey,
  sourcesOf,
  sourceUrl,
} from './identity.ts';
import type { BinaryPackage, Inventory, SourcePackage } from './model.ts';
import { supplierOf } from './supplier.ts';

const DOCUMENT = 'SPDXRef-DOCUMENT';
const IMAGE = 'SPDXRef-Image';
const UNSAID = 'NOASSERTION';

/** An inventory as a document of SPDX 2.3, for JSON. */
export function spdxDocument(inventory: Inventory): object {
  const { image, system, packages, programVersion } = inventory;
  const others = packages.flatMap(one => one.licence?.others ?? []);
  const extracted = [...new Map(others.map(one => [one.id, one])).values()].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
  const content = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT,
    name: `${system}-${image}`,
    creationInfo: { created: createdAt(inventory), creators: [`Tool: apt-layer-${programVersion}`] },
    packages: [
      imagePackage(inventory),
      ...packages.map(one => binaryPackage(one, inventory)),
      ...sourcesOf(inventory).map(one => sourcePackage(one, inventory)),
    ],
    relationships: relationshipsOf(inventory),
    ...(extracted.length > 0 && {
      hasExtractedLicensingInfos: extracted.map(({ id, name, text }) => ({
        licenseId: id,
        name,
        extractedText: text,
      })),
    }),
  };
  const { spdxVersion, dataLicense, SPDXID, name, ...rest } = content;
  // A namespace belongs to one document: two that differ, as with licences and without, may not share one.
  const documentNamespace = `https://spdx.org/spdxdocs/apt-layer-${image}-${documentUuid(content)}`;
  return { spdxVersion, dataLicense, SPDXID, name, documentNamespace, ...rest };
}

function imagePackage({ image, system }: Inventory): object {
  return {
    SPDXID: IMAGE,
    name: system,
    versionInfo: image,
    primaryPackagePurpose: 'OPERATING_SYSTEM',
    comment: 'An image of composefs; its version is its fs-verity digest.',
    ...unsaid(),
  };
}

function binaryPackage(one: BinaryPackage, inventory: Inventory): object {
  const supplier = supplierOf(one.maintainer);
  return {
    SPDXID: binaryId(packageKey(one)),
    name: one.name,
    versionInfo: one.version,
    ...(one.summary !== '' && { summary: one.summary }),
    ...(supplier !== undefined && {
      supplier: `${supplier.isTeam ? 'Organization' : 'Person'}: ${supplier.name}${supplier.email === undefined ? '' : ` (${supplier.email})`}`,
    }),
    ...unsaid(one.licence?.expression),
    ...(one.sha256 !== undefined && { checksums: [{ algorithm: 'SHA256', checksumValue: one.sha256 }] }),
    externalRefs: purl(packageUrl(one, inventory)),
  };
}

function sourcePackage(one: SourcePackage, inventory: Inventory): object {
  return {
    SPDXID: sourceId(one),
    name: one.name,
    versionInfo: one.version,
    primaryPackagePurpose: 'SOURCE',
    ...unsaid(),
    externalRefs: purl(sourceUrl(one, inventory)),
  };
}

function unsaid(licenseDeclared = UNSAID): object {
  return {
    downloadLocation: UNSAID,
    filesAnalyzed: false,
    licenseConcluded: UNSAID,
    licenseDeclared,
    copyrightText: UNSAID,
  };
}

function purl(referenceLocator: string): object[] {
  return [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator }];
}

function relationshipsOf({ packages }: Inventory): object[] {
  const relation = (spdxElementId: string, relationshipType: string, relatedSpdxElement: string) => ({
    spdxElementId,
    relationshipType,
    relatedSpdxElement,
  });
  return [
    relation(DOCUMENT, 'DESCRIBES', IMAGE),
    ...packages.flatMap(one => {
      const id = binaryId(packageKey(one));
      return [
        relation(IMAGE, 'CONTAINS', id),
        relation(id, 'GENERATED_FROM', sourceId(one.source)),
        ...one.builtUsing.map(used => ({
          ...relation(id, 'GENERATED_FROM', sourceId(used)),
          comment: 'Built-Using',
        })),
        ...one.needs.map(need => relation(id, 'DEPENDS_ON', binaryId(need))),
      ];
    }),
  ];
}

function binaryId(key: string): string {
  return elementId('Package', key);
}

function sourceId(one: SourcePackage): string {
  return elementId('Source', sourceKey(one));
}

/** Letters, digits, dots and dashes are allowed; the digest keeps apart what looks alike without the rest. */
function elementId(kind: string, key: string): string {
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 12);
  return `SPDXRef-${kind}-${key.replace(/[^A-Za-z0-9.]+/g, '-').slice(0, 96)}-${digest}`;
}
