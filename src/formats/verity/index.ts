export {
  DIGEST_ALGORITHMS,
  type DigestAlgorithm,
  digestAlgorithm,
  objectPath,
  parseDigest,
} from './algorithm.ts';
export { type VerityHasher, verityDigest, verityHasher } from './hasher.ts';
