import { FormatError } from '../../errors/index.ts';
import {
  count,
  elements,
  type Field,
  isAbsent,
  member,
  optionalText,
  others,
  parseDocument,
  sha256,
  text,
  texts,
} from './fields.ts';
import {
  type Descriptor,
  MEDIA_TYPE,
  type OciConfig,
  type OciIndex,
  type OciManifest,
  type Platform,
} from './model.ts';

const INDEX = ['schemaVersion', 'mediaType', 'manifests'];
const DESCRIPTOR = ['mediaType', 'digest', 'size', 'annotations', 'platform', 'artifactType'];
const PLATFORM = ['os', 'architecture', 'variant'];
/** More layers than any program makes (Docker: 127). */
const LAYERS_MAX = 1000;

/** The file `oci-layout`, which says that a directory is one (image-layout.md). FormatError for another version. */
export function parseLayoutMarker(bytes: Buffer): void {
  const field = member(parseDocument('oci-layout', bytes), 'imageLayoutVersion');
  const version = text(field);
  if (!version.startsWith('1.'))
    throw new FormatError('oci-layout', `version ${JSON.stringify(version)}, not 1`);
}

/**
 * What a document says that it is, or what its members show: OCI leaves the member `mediaType` out where it likes. Undefined for what is
 * neither index nor manifest.
 */
export function mediaTypeOf(bytes: Buffer): string | undefined {
  const document = parseDocument('OCI document', bytes);
  const said = optionalText(member(document, 'mediaType'));
  if (said !== undefined) return said;
  // Docker's schema 1 (spec/manifest-v2-1 of distribution).
  if (member(document, 'schemaVersion').value === 1)
    return 'application/vnd.docker.distribution.manifest.v1+json';
  if (!isAbsent(member(document, 'manifests'))) return MEDIA_TYPE.index;
  return isAbsent(member(document, 'layers')) ? undefined : MEDIA_TYPE.manifest;
}

/** An index; FormatError says which field is wrong. */
export function parseIndex(bytes: Buffer): OciIndex {
  const document = parseDocument('OCI index', bytes);
  assertSchema(document);
  return {
    manifests: elements(member(document, 'manifests')).map(descriptor),
    rest: others(document, INDEX),
  };
}

/** A manifest of an image; FormatError says which field is wrong. */
export function parseManifest(bytes: Buffer): OciManifest {
  const document = parseDocument('OCI manifest', bytes);
  assertSchema(document);
  const layers = elements(member(document, 'layers')).map(descriptor);
  if (layers.length > LAYERS_MAX) throw new FormatError('OCI manifest', `more than ${LAYERS_MAX} layers`);
  return {
    config: descriptor(member(document, 'config')),
    layers,
    isArtifact: !isAbsent(member(document, 'subject')) || !isAbsent(member(document, 'artifactType')),
    annotations: texts(member(document, 'annotations')),
  };
}

/** The configuration of an image; FormatError says which field is wrong. */
export function parseConfig(bytes: Buffer): OciConfig {
  const document = parseDocument('OCI configuration', bytes);
  const config = member(document, 'config');
  return {
    ...machine(document),
    diffIds: elements(member(member(document, 'rootfs'), 'diff_ids')).map(sha256),
    labels: isAbsent(config) ? {} : texts(member(config, 'Labels')),
    created: optionalText(member(document, 'created')),
    run: (isAbsent(config) ? undefined : others(config, ['Labels'])) ?? {},
  };
}

function assertSchema(document: Field): void {
  const field = member(document, 'schemaVersion');
  if (field.value !== 2) throw new FormatError(document.document, 'schemaVersion is not 2');
}

function descriptor(field: Field): Descriptor {
  const place = member(field, 'platform');
  return {
    mediaType: text(member(field, 'mediaType')),
    sha256: sha256(member(field, 'digest')),
    size: count(member(field, 'size')),
    annotations: texts(member(field, 'annotations')),
    platform: isAbsent(place) ? undefined : { ...machine(place), rest: others(place, PLATFORM) },
    artifactType: optionalText(member(field, 'artifactType')),
    rest: others(field, DESCRIPTOR),
  };
}

function machine(field: Field): Platform {
  return {
    os: text(member(field, 'os')),
    architecture: text(member(field, 'architecture')),
    variant: optionalText(member(field, 'variant')),
  };
}
