export { type CheckedImage, checkImage } from './check.ts';
export { isSignedFor } from './described.ts';
export { type PublicKey, readKeyFile, readPublicKey } from './public-key.ts';
export { attachmentOptions } from './skopeo-policy.ts';
export { type ImageDemand, type Trust, trustOf } from './trust.ts';
