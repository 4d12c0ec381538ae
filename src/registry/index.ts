/** Images in registries, archives and podman's storage. skopeo alone talks to registries; what it brings is a layout of `oci`. */
export { authFileFor } from './auth-file.ts';
export { findPrior, readPrior } from './find-prior.ts';
export { logIn, logOut } from './login.ts';
export { hasMoved } from './moved.ts';
export { checkOpen, importImage, type OpenImage, openImage } from './open-image.ts';
export { pushImage } from './push.ts';
export { withStage } from './stage.ts';
export { type ImageDemand, isSignedFor, type PublicKey, readKeyFile, readPublicKey } from './trust/index.ts';
export { writeArchive } from './write-archive.ts';
