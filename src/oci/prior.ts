import type { Descriptor } from '../formats/oci/index.ts';
import { CONTENTS } from './annotations.ts';
import type { FoundImage } from './import-image.ts';

/** A layer that an earlier export wrote. */
export interface PriorLayer extends Pick<Descriptor, 'mediaType' | 'sha256' | 'size' | 'annotations'> {
  /** SHA-256 of the uncompressed archive. */
  readonly diffId: string;
}

/** An earlier image, whose layers a new one should keep where it can. */
export interface PriorImage {
  readonly annotations: Readonly<Record<string, string>>;
  /** The lowest first. */
  readonly layers: readonly PriorLayer[];
}

/** What an image that was looked up says of its layers. */
export function priorOf({ document, layers }: FoundImage): PriorImage {
  return {
    annotations: document.annotations,
    layers: document.layers.map((layer, index) => ({ ...layer, diffId: layers[index]?.diffId ?? '' })),
  };
}

/** Those by what is in them, as far as they say so. */
export function byContents(layers: readonly PriorLayer[]): Map<string, PriorLayer> {
  return new Map(
    layers.flatMap(layer => {
      const contents = layer.annotations[CONTENTS];
      return contents === undefined ? [] : [[contents, layer] as const];
    }),
  );
}
