import {
  buildImage,
  type ContextDigest,
  contextDigest,
  findEngine,
  type OpenContext,
} from '../../engine/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { fromImages, movingImages } from '../../formats/containerfile/index.ts';
import { type ImageReference, parseImageName } from '../../formats/reference/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import type { EngineName, Host } from '../../host/index.ts';
import type { BuildContext } from '../../layer/index.ts';
import { authFileFor, hasMoved, importImage, openImage, withStage } from '../../registry/index.ts';

/** An image that an engine built, in the store. No ref keeps it yet. */
export interface EngineImage {
  readonly digest: string;
  readonly tree: Tree;
  /** Of its manifest, `sha256:HEX`. */
  readonly manifest: string;
  readonly layers: { readonly all: number; readonly imported: number };
  readonly engine: EngineName;
}

export interface EngineBuild {
  /** Of the context; read now where it is not known. */
  readonly known?: ContextDigest;
  readonly pull: 'missing' | 'newer' | 'never';
  /** Take nothing from what the engine built before. */
  readonly fresh: boolean;
}

/**
 * Has an engine build an image of a Containerfile, and imports it: layers that the store has are not read again, and the others are imported as the engine's
 * storage gives them. HOST_UNSUPPORTED without an engine, BUILD_FAILED when a step fails.
 */
export async function buildAndImport(
  context: BuildContext,
  opened: OpenContext,
  { known, pull, fresh }: EngineBuild,
): Promise<EngineImage> {
  const { host, store, sysroot, workDirectory, onOutput, logPath } = context;
  const engine = await findEngine(host);
  const { digest } = known ?? (await contextDigest(host, opened));
  return withStage(host, workDirectory, async directory => {
    const authFile = authFileOf(host, opened);
    const reference = await buildImage(host, {
      ...{ engine, context: opened, digest, directory: `${directory}/engine`, authFile },
      ...{ pull, fresh, onOutput, logPath },
    });
    const open = await openImage(host, { reference, stage: `${directory}/image` });
    const { digest: image, tree, imported } = await importImage(store, sysroot, open);
    const layers = { all: open.found.layers.length, imported };
    return { digest: image, tree, manifest: `sha256:${open.found.manifest}`, layers, engine: engine.name };
  });
}

/** A file of the machine that knows one of the registries that images of FROM are in; engines look at those of the user by themselves. */
function authFileOf(host: Host, { text, buildArguments }: OpenContext): string | undefined {
  if (host.registries.authFile !== undefined) return host.registries.authFile;
  for (const image of fromImages(text.toString('utf8'), buildArguments)) {
    const reference = named(image);
    if (reference?.transport !== 'registry') continue;
    const found = authFileFor(host, reference.registry);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Which images of FROM are others in their registries than in the storage of podman and buildah. */
export async function movedImages(host: Host, { text, buildArguments }: OpenContext): Promise<string[]> {
  const moved: string[] = [];
  for (const image of movingImages(text.toString('utf8'), buildArguments)) {
    const reference = named(image);
    if (reference?.transport === 'registry' && (await hasMoved(host, reference))) moved.push(image);
  }
  return moved;
}

function named(image: string): ImageReference | undefined {
  try {
    return parseImageName(image);
  } catch (error) {
    // The engine says it better.
    if (error instanceof AptLayerError) return undefined;
    throw error;
  }
}
