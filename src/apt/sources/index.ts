export { type ArchiveAddress, isLocalHost, parseAddress } from './addresses.ts';
export { admitSource, type NamedAddresses } from './admit.ts';
export { type LocatedSource, parseListFile, parseSourcesFile } from './files.ts';
export { renderSources } from './render.ts';
export {
  type AptSource,
  insecureOption,
  parseSignedBy,
  type SignedBy,
  type SourceOrigin,
} from './source.ts';
