export {
  type DebCompression,
  type DebLayout,
  type DebMember,
  parseDebLayout,
  type ReadAt,
} from './layout.ts';
