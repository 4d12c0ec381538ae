export type {
  ArchiveReference,
  ImageReference,
  LayoutReference,
  RegistryReference,
  StorageReference,
} from './model.ts';
export {
  hasTransport,
  parseImageName,
  parseImageReference,
  readImageReference,
  renderImageReference,
} from './parse.ts';
export { renderRegistryName } from './registry-name.ts';
