import { type Deployment, positions, selectAmong } from '../deployment/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { resolveImage, type Store } from '../store/index.ts';

/** Opens the store; called only where an image is named that is no deployment's, since root alone may. */
export type OpenStore = () => Store;

/** One side of a comparison; `id` is null for an image that is no deployment. */
export interface Side {
  readonly id: string | null;
  readonly image: string;
}

const LOCAL = 'local://';

/** The two sides that are meant, by the rules in the description of `diff`. */
export function diffSides(
  store: OpenStore,
  deployments: readonly Deployment[],
  given: { a: string | undefined; b: string | undefined },
): { from: Side; to: Side } {
  const side = (wanted: string) => sideOf(store, deployments, wanted);
  const { booted, pending, rollback } = positions(deployments);
  const current = booted ?? deployments[0];
  if (given.a !== undefined && given.b !== undefined) return { from: side(given.a), to: side(given.b) };
  if (given.a !== undefined) {
    if (current === undefined) throw nothingToCompare();
    return { from: named(current), to: side(given.a) };
  }
  if (booted !== undefined && pending !== undefined) return { from: named(booted), to: named(pending) };
  if (current === undefined || rollback === undefined) throw nothingToCompare();
  return { from: named(rollback), to: named(current) };
}

/** The image that a word means: `local://NAME`, or a deployment as every verb takes it. NOT_FOUND otherwise. */
export function sideOf(store: OpenStore, deployments: readonly Deployment[], wanted: string): Side {
  if (wanted.startsWith(LOCAL)) return { id: null, image: resolveImage(store(), wanted.slice(LOCAL.length)) };
  return named(selectAmong(deployments, wanted));
}

/** What is meant where nobody names a side: the booted deployment, or else the first. NOT_FOUND where there is none. */
export function currentSide(deployments: readonly Deployment[]): Side {
  return named(positions(deployments).booted ?? selectAmong(deployments, '0'));
}

function named({ id, image }: Deployment): Side {
  return { id, image };
}

function nothingToCompare(): AptLayerError {
  return new AptLayerError('NOT_FOUND', 'there are no two deployments to compare', {
    hint: 'name both sides; see `apt-layer status`',
  });
}
