export { compareVersions } from './compare.ts';
export { isVersion, parseVersion, type Version } from './version.ts';
