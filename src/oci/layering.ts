import type { Leaf } from '../formats/tree/index.ts';

/** What one layer of an exported image is called. */
export interface LayerPlan {
  /** Of what it has the files, for the history of the image. */
  readonly holds: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** How the files of an image are spread over layers. */
export interface Layering {
  /** The lowest first. The last has all directories, and each leaf that `layerOf` does not name. */
  readonly layers: readonly [...LayerPlan[], LayerPlan];
  /** Positions in `layers`. All names of a leaf are in one layer, as hard links cannot lead into another. */
  readonly layerOf: ReadonlyMap<Leaf, number>;
}

/** All files in one layer. */
export const ONE_LAYER: Layering = {
  layers: [{ holds: 'all files', annotations: {} }],
  layerOf: new Map(),
};
