import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { gzipSync } from 'node:zlib';
import { fromText } from '../../src/formats/bytes/index.ts';
import { createTarWriter, type TarHeader } from '../../src/formats/tar/index.ts';
import { PLAIN_HEADER } from './tar-header.ts';

/** An image of one layer, or of several by `below`. */
export interface HandMade {
  readonly entries: readonly (TarHeader & { body?: Buffer })[];
  /** `members`: several gzip members one behind the other. */
  readonly pack?: 'gzip' | 'none' | 'members';
  readonly diffId?: string;
  readonly architecture?: string;
  readonly mediaType?: string;
  /** The archive itself, in place of `entries`. */
  readonly archive?: Buffer;
  /** The archives of the layers below, the lowest first. */
  readonly below?: readonly Buffer[];
  readonly tag?: string;
  /** The blob of the layer, where it is made otherwise than `pack` says. */
  readonly packed?: Buffer;
  /** Further members of the configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** SHA-256, lower-case hex. */
export const digestOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A layout as any program might have written it, with one image; returns the path of its last layer. */
export function writeImage(at: string, image: HandMade): string {
  const { entries, pack = 'gzip', architecture = process.arch === 'x64' ? 'amd64' : process.arch } = image;
  fs.mkdirSync(`${at}/blobs/sha256`, { recursive: true });
  const pieces: Buffer[] = [];
  const tar = createTarWriter(piece => pieces.push(Buffer.from(piece)));
  for (const { body, ...header } of entries) {
    tar.entry({ ...header, size: body?.length ?? 0 });
    if (body !== undefined) tar.data(body);
  }
  tar.end();
  const archive = image.archive ?? Buffer.concat(pieces);
  const packed =
    image.packed ??
    { none: () => archive, gzip: () => gzipSync(archive), members: () => members(archive) }[pack]();
  const blob = (bytes: Buffer, mediaType: string) => {
    fs.writeFileSync(`${at}/blobs/sha256/${digestOf(bytes)}`, bytes);
    return { mediaType, digest: `sha256:${digestOf(bytes)}`, size: bytes.length };
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const layer = blob(
    packed,
    image.mediaType ?? `application/vnd.oci.image.layer.v1.tar${pack === 'none' ? '' : '+gzip'}`,
  );
  const diffId = image.diffId ?? digestOf(archive);
  const below = (image.below ?? []).map(bytes => ({
    layer: blob(gzipSync(bytes), 'application/vnd.oci.image.layer.v1.tar+gzip'),
    diffId: digestOf(bytes),
  }));
  const config = blob(
    json({
      os: 'linux',
      architecture,
      rootfs: {
        type: 'layers',
        diff_ids: [...below.map(one => one.diffId), diffId].map(hex => `sha256:${hex}`),
      },
      ...image.config,
    }),
    'application/vnd.oci.image.config.v1+json',
  );
  const manifest = blob(
    json({ schemaVersion: 2, config, layers: [...below.map(one => one.layer), layer] }),
    'application/vnd.oci.image.manifest.v1+json',
  );
  const named = image.tag && { annotations: { 'org.opencontainers.image.ref.name': image.tag } };
  fs.writeFileSync(`${at}/index.json`, json({ schemaVersion: 2, manifests: [{ ...manifest, ...named }] }));
  fs.writeFileSync(`${at}/oci-layout`, json({ imageLayoutVersion: '1.0.0' }));
  return `${at}/blobs/sha256/${digestOf(packed)}`;
}

function members(archive: Buffer): Buffer {
  const cuts = [0, 100, 512, 700, archive.length];
  return Buffer.concat(cuts.slice(1).map((end, index) => gzipSync(archive.subarray(cuts[index], end))));
}

/** A header of a file with that path, all else plain. */
export const named = (path: string, rest: Partial<TarHeader> = {}) => ({
  ...PLAIN_HEADER,
  path: fromText(path),
  ...rest,
});
