import fs from 'node:fs';
import path from 'node:path';
import { encodeBomJson, parseBomJson } from '@appthreat/cdx-proto';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { Ajv } from 'ajv';
import { PackageURL } from 'packageurl-js';
import parseExpression from 'spdx-expression-parse';
import { expect } from 'vitest';
import { CHECKOUT } from './places.ts';

type JsonValue = Parameters<typeof parseBomJson>[0];

/** What the tests look at of a document of SPDX. */
export interface SpdxDocument {
  readonly documentNamespace: string;
  readonly creationInfo: { readonly created: string };
  readonly packages: readonly {
    readonly SPDXID: string;
    readonly name: string;
    readonly versionInfo: string;
    readonly supplier?: string;
    readonly licenseDeclared: string;
    readonly checksums?: readonly { readonly checksumValue: string }[];
    readonly externalRefs?: readonly { readonly referenceLocator: string }[];
  }[];
  readonly relationships: readonly {
    readonly spdxElementId: string;
    readonly relationshipType: string;
    readonly relatedSpdxElement: string;
    readonly comment?: string;
  }[];
  readonly hasExtractedLicensingInfos?: readonly {
    readonly licenseId: string;
    readonly extractedText: string;
  }[];
}

/** The same of CycloneDX. */
export interface CyclonedxDocument {
  readonly serialNumber: string;
  readonly metadata: { readonly timestamp: string; readonly component: { readonly version: string } };
  readonly components: readonly {
    readonly 'bom-ref': string;
    readonly name: string;
    readonly purl: string;
    readonly hashes?: readonly { readonly content: string }[];
    readonly licenses?: readonly { readonly expression: string }[];
    readonly pedigree?: { readonly ancestors: readonly { readonly purl: string }[] };
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

const SPDX_SCHEMA = JSON.parse(
  fs.readFileSync(path.join(CHECKOUT, 'tests/fixtures/sbom/spdx-2.3.schema.json'), 'utf8'),
) as object;

/** What is wrong with the form of a document of SPDX, as ajv says it; empty for one that is valid. */
export function spdxFaults(text: string): object[] {
  const validate = new Ajv({ allErrors: true }).compile(SPDX_SCHEMA);
  return validate(JSON.parse(text)) ? [] : (validate.errors ?? []);
}

/** Holds a document of SPDX to its form, and what it names to what is there. */
export function expectSpdx(text: string): SpdxDocument {
  expect(spdxFaults(text)).toEqual([]);
  const document = JSON.parse(text) as SpdxDocument;
  const ids = ['SPDXRef-DOCUMENT', ...document.packages.map(one => one.SPDXID)];
  expect(new Set(ids).size).toBe(ids.length);
  const named = document.relationships.flatMap(one => [one.spdxElementId, one.relatedSpdxElement]);
  expect(named.filter(id => !ids.includes(id))).toEqual([]);
  const declared = document.packages.map(one => one.licenseDeclared).filter(one => one !== 'NOASSERTION');
  const refs = new Set(declared.flatMap(expression => licenceRefs(expression)));
  const explained = (document.hasExtractedLicensingInfos ?? []).map(one => one.licenseId);
  expect([...refs].sort()).toEqual(explained.toSorted());
  for (const { externalRefs = [] } of document.packages)
    for (const one of externalRefs) expectUrl(one.referenceLocator);
  return document;
}

/** Holds a document of CycloneDX to the official schema, and reads it with another program's reader, which has to give back all of it. */
export async function expectCyclonedx(text: string): Promise<CyclonedxDocument> {
  const { JsonStrictValidator } = Validation;
  expect(await new JsonStrictValidator(Spec.Version.v1dot6).validate(text)).toBeNull();
  const document = JSON.parse(text) as CyclonedxDocument & { readonly $schema: string };
  const { $schema, ...content } = document;
  expect($schema).toBe('http://cyclonedx.org/schema/bom-1.6.schema.json');
  const readable = asMessage(content);
  expect(encodeBomJson(parseBomJson(readable))).toEqual(readable);
  const refs = ['image', ...document.components.map(one => one['bom-ref'])];
  expect(document.dependencies.map(one => one.ref)).toEqual(refs);
  expect(
    document.dependencies.flatMap(one => one.dependsOn ?? []).filter(ref => !refs.includes(ref)),
  ).toEqual([]);
  for (const { purl, licenses = [] } of document.components) {
    expectUrl(purl);
    for (const { expression } of licenses) parseExpression(expression);
  }
  return document;
}

/** The form's own protobuf messages have dependencies where its JSON has `dependsOn`, and the reader does not translate that. */
function asMessage(content: object): JsonValue {
  return JSON.parse(
    JSON.stringify(content, (key, value: unknown) => {
      if (key !== 'dependencies') return value;
      return (value as CyclonedxDocument['dependencies']).map(({ ref, dependsOn }) => ({
        ref,
        ...(dependsOn !== undefined && { dependencies: dependsOn.map(other => ({ ref: other })) }),
      }));
    }),
  ) as JsonValue;
}

function expectUrl(url: string): void {
  const read = PackageURL.fromString(url);
  expect(read.type).toBe('deb');
  expect(PackageURL.fromString(read.toString())).toEqual(read);
}

function licenceRefs(expression: string): string[] {
  const found: string[] = [];
  JSON.stringify(parseExpression(expression), (key, value: unknown) => {
    if (key === 'license' && typeof value === 'string' && value.startsWith('LicenseRef-')) found.push(value);
    return value;
  });
  return found;
}
