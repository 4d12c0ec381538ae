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

const IMAGE = 'image';

/** An inventory as a document of CycloneDX 1.6, for JSON. */
export function cyclonedxDocument(inventory: Inventory): object {
  const { image, system, packages, programVersion } = inventory;
  const sources = sourcesOf(inventory);
  const content = {
    metadata: {
      timestamp: createdAt(inventory),
      tools: { components: [{ type: 'application', name: 'apt-layer', version: programVersion }] },
      component: {
        type: 'operating-system',
        'bom-ref': IMAGE,
        name: system,
        version: image,
        description: 'An image of composefs; its version is its fs-verity digest.',
      },
    },
    components: [
      ...packages.map(one => binaryComponent(one, inventory)),
      ...sources.map(one => ({
        'bom-ref': sourceRef(one),
        ...sourceComponent(one, inventory),
        scope: 'excluded',
      })),
    ],
    dependencies: [
      { ref: IMAGE, dependsOn: packages.map(one => packageKey(one)) },
      ...packages.map(one => ({
        ref: packageKey(one),
        ...(one.needs.length > 0 && { dependsOn: one.needs }),
      })),
      ...sources.map(one => ({ ref: sourceRef(one) })),
    ],
  };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    // As for SPDX: of the content, of which the digest of the image is a part.
    serialNumber: `urn:uuid:${documentUuid(content)}`,
    version: 1,
    ...content,
  };
}

function binaryComponent(one: BinaryPackage, inventory: Inventory): object {
  const supplier = supplierOf(one.maintainer);
  return {
    type: 'library',
    'bom-ref': packageKey(one),
    ...(supplier !== undefined && {
      supplier: {
        name: supplier.name,
        ...(supplier.email !== undefined && { contact: [{ email: supplier.email }] }),
      },
    }),
    name: one.name,
    version: one.version,
    ...(one.summary !== '' && { description: one.summary }),
    scope: 'required',
    ...(one.sha256 !== undefined && { hashes: [{ alg: 'SHA-256', content: one.sha256 }] }),
    ...(one.licence !== undefined && {
      licenses: [{ expression: one.licence.expression, acknowledgement: 'declared' }],
    }),
    purl: packageUrl(one, inventory),
    // What it was made from; the format has no other relation for that.
    pedigree: {
      ancestors: [one.source, ...one.builtUsing].map(source => sourceComponent(source, inventory)),
    },
  };
}

function sourceComponent(one: SourcePackage, inventory: Inventory): object {
  return { type: 'library', name: one.name, version: one.version, purl: sourceUrl(one, inventory) };
}

function sourceRef(one: SourcePackage): string {
  return `source:${sourceKey(one)}`;
}
