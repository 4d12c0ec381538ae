/** Annotation of a manifest: the digest of the image whose files it has, as the store names it. */
export const IMAGE_DIGEST = 'org.aptlayer.image';

/** Annotation of a layer: a digest of what is in it, which is known without packing it. */
export const CONTENTS = 'org.aptlayer.contents';

/** Annotation of a layer: what packed it. */
export const PACKER = 'org.aptlayer.compressor';
