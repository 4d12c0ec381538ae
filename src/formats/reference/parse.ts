import { AptLayerError } from '../../errors/index.ts';
import type { ArchiveReference, ImageReference, LayoutReference, StorageReference } from './model.ts';
import { type NameProblem, readRegistryName, renderRegistryName } from './registry-name.ts';

const FORMS =
  'write oci://NAME[:TAG], oci:DIRECTORY[:TAG], oci-archive:FILE, docker-archive:FILE or containers-storage:NAME';
const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** What a layout accepts as a name (annotations.md, org.opencontainers.image.ref.name); podman writes names with a port. */
const LAYOUT_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._+:@/-]*[A-Za-z0-9])?$/;
/** What podman takes: a name as registries have it, with or without a host, or an id. */
const STORAGE_NAME = /^[A-Za-z0-9@][A-Za-z0-9._:@/-]*$/;
const TEXT_MAX = 4096;
const TRANSPORT = /^(?:oci|docker):\/\/|^(?:oci|oci-archive|docker-archive|containers-storage):/;

/** Reads an image reference as containers-transports(5) writes them, and `oci://NAME` for `docker://NAME`. USAGE says what is wrong. */
export function parseImageReference(text: string): ImageReference {
  const read = readImageReference(text);
  if ('transport' in read) return read;
  throw new AptLayerError('USAGE', `image ${JSON.stringify(text)}: ${read.reason}`, {
    hint: read.hint ?? FORMS,
  });
}

/** Reads an image of a registry whose name may stand alone, as docker takes it; all other references as they are. USAGE says what is wrong. */
export function parseImageName(text: string): ImageReference {
  return parseImageReference(hasTransport(text) || text.includes('://') ? text : `oci://${text}`);
}

/** Whether a text begins with a transport; a name with a port does not. */
export function hasTransport(text: string): boolean {
  return TRANSPORT.test(text);
}

/** Reads one without throwing, for where the place of a mistake is known. */
export function readImageReference(text: string): ImageReference | NameProblem {
  const match = /^([a-z-]+):(.*)$/s.exec(text);
  if (match === null || text.length > TEXT_MAX) return { reason: 'this names no image', hint: FORMS };
  const [, transport = '', rest = ''] = match;
  if (/[\u0000-\u001f\u007f]/.test(rest)) return { reason: 'it has control characters' };
  switch (transport) {
    case 'oci':
      return rest.startsWith('//') ? readRegistryName(rest.slice(2)) : readLayout(rest);
    case 'docker':
      if (rest.startsWith('//')) return readRegistryName(rest.slice(2));
      return { reason: 'an image of a registry is written with two slashes', hint: `write oci://${rest}` };
    case 'oci-archive':
    case 'docker-archive':
      return readArchive(transport, rest);
    case 'containers-storage':
      return readStorage(rest);
    default:
      return { reason: `${JSON.stringify(transport)} is no place for images`, hint: FORMS };
  }
}

/** Writes a reference so that reading it gives the same. */
export function renderImageReference(reference: ImageReference): string {
  switch (reference.transport) {
    case 'registry':
      return `oci://${renderRegistryName(reference)}`;
    case 'oci':
      return `oci:${reference.path}${suffix(':', reference.name)}${suffix('@', reference.digest)}`;
    case 'containers-storage':
      return `containers-storage:${reference.name}`;
    default:
      return `${reference.transport}:${reference.path}${suffix(':', reference.name)}`;
  }
}

function suffix(mark: string, text: string | undefined): string {
  return text === undefined ? '' : mark + text;
}

function readLayout(rest: string): LayoutReference | NameProblem {
  const colon = rest.indexOf(':');
  const at = rest.indexOf('@sha256:');
  // The digest's own colon is none that ends the path.
  if (at >= 0 && (colon < 0 || colon > at)) {
    const digest = rest.slice(at + 1);
    if (!DIGEST.test(digest)) return { reason: `${JSON.stringify(digest)} is not a digest` };
    return at === 0 ? noPath('DIRECTORY') : { transport: 'oci', path: rest.slice(0, at), digest };
  }
  const [path, name] = split(rest, colon);
  if (path === '') return noPath('DIRECTORY');
  if (name === undefined) return { transport: 'oci', path };
  if (LAYOUT_NAME.test(name)) return { transport: 'oci', path, name };
  return { reason: `${JSON.stringify(name)} cannot be the name of an image in a layout` };
}

function readArchive(transport: ArchiveReference['transport'], rest: string): ArchiveReference | NameProblem {
  const [path, name] = split(rest, rest.indexOf(':'));
  if (path === '') return noPath('FILE');
  if (name === undefined) return { transport, path };
  if (LAYOUT_NAME.test(name)) return { transport, path, name };
  return { reason: `${JSON.stringify(name)} cannot be the name of an image in an archive` };
}

function readStorage(name: string): StorageReference | NameProblem {
  if (STORAGE_NAME.test(name)) return { transport: 'containers-storage', name };
  return {
    reason: `${JSON.stringify(name)} is no image of podman`,
    hint: 'write a name that `podman images` shows',
  };
}

function split(rest: string, colon: number): [string, string | undefined] {
  return colon < 0 ? [rest, undefined] : [rest.slice(0, colon), rest.slice(colon + 1)];
}

function noPath(what: string): NameProblem {
  return { reason: `${what} is missing`, hint: FORMS };
}
