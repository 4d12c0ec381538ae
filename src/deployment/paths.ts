import { statePaths } from '../transaction/index.ts';

export { storePath } from '../store/index.ts';

/** The directory of one deployment. The id must be a checked one. */
export function deploymentPath(sysroot: string, id: string): string {
  return `${statePaths(sysroot).deployments}/${id}`;
}

/** The machine's /etc while this deployment runs. */
export function etcPath(sysroot: string, id: string): string {
  return `${deploymentPath(sysroot, id)}/etc`;
}

export function recordPath(directory: string): string {
  return `${directory}/deployment.json`;
}

/** The files of a deployment that only root may read: they may hold secrets. */
export const PRIVATE_FILES = ['spec.yaml', 'lock.json', 'deployment.json'] as const;

/** What anybody may read of the deployment. */
export function publicPath(directory: string): string {
  return `${directory}/public.json`;
}

/** What anybody may read of the /etc that its image has. */
export function publicEtcPath(directory: string): string {
  return `${directory}/etc.json`;
}

/** A mark beside the record: it is there while the deployment is pinned. */
export function pinPath(directory: string): string {
  return `${directory}/pinned`;
}

/** A mark beside the record: the deployment came up well at least once. */
export function confirmedPath(directory: string): string {
  return `${directory}/confirmed`;
}

/** A mark beside the record: accounts of the image whose numbers are taken on the machine get others, also where files of the image are theirs. */
export function renumberAccountsPath(directory: string): string {
  return `${directory}/renumber-accounts`;
}

/** The ref that keeps the image of a deployment alive. */
export function deploymentRef(id: string): string {
  return `${DEPLOYMENT_REFS}${id}`;
}

/** What the names of all refs of deployments begin with. */
export const DEPLOYMENT_REFS = 'deployment/';

/** Refs of build results by the digest of their inputs: they only save time. */
export const BUILD_REFS = 'build/';

/** Refs of packages-only trees, by what they are made of: the next change is built on them. */
export const STAGE_REFS = 'stage/';

/** Below this prefix are imported packages, by the SHA-256 of their .deb. */
export const PACKAGE_REFS = 'deb/';

/** Below this prefix are files that specs read, by the digests that locks have. */
export const INPUT_REFS = 'input/';

/** Below this prefix are bases by their digest: those that deployments were built on. */
export const KEPT_BASE_REFS = 'kept-base/';
