import type { App } from '../app/index.ts';
import {
  CHUNKING,
  CHUNKING_VERSION,
  chunk,
  inheritedLabels,
  LAYERS_DEFAULT,
  LAYERS_MAX,
  LAYERS_MIN,
  labelsFor,
  packageAnnotation,
} from '../chunking/index.ts';
import { recordsIn } from '../compose/index.ts';
import { type Deployment, listDeployments } from '../deployment/index.ts';
import { AptLayerError } from '../errors/index.ts';
import type { Tree } from '../formats/tree/index.ts';
import {
  type Exported,
  exportOci,
  type ImageConfig,
  keptConfig,
  LAYER_COMPRESSIONS,
  type OciLocation,
  ONE_LAYER,
  type PriorImage,
} from '../oci/index.ts';
import { log } from '../report/index.ts';
import { openStore, readImage, type Store } from '../store/index.ts';
import type { ParsedArgs } from './args.ts';
import { sideOf } from './diff-sides.ts';

export interface ExportedTo extends Exported {
  /** Digest of the image that was exported. */
  readonly image: string;
}

interface Destination {
  readonly location: OciLocation;
  /** An image whose layers are to be kept as far as they still fit. */
  readonly prior: PriorImage | undefined;
  /** An image in the place where the layout goes to. */
  readonly there?: PriorImage | undefined;
}

/** What `export` and `push` do: writes what the argument IMAGE names, by the options that were given, into a layout. */
export async function exportTo(
  app: App,
  { location, prior, there }: Destination,
  args: ParsedArgs,
): Promise<ExportedTo> {
  const given = Object.fromEntries(args.optionList('label').map(labelOf));
  const maxLayers = args.integer('max-layers', { min: LAYERS_MIN, max: LAYERS_MAX }) ?? LAYERS_DEFAULT;
  const store = openStore(app.host, `${app.sysroot}/composefs`);
  const deployments = listDeployments(app);
  const side = sideOf(() => store, deployments, args.argument('IMAGE'));
  // An image of the store has the labels of the deployment that was made of it.
  const deployment = deployments.find(one =>
    side.id === null ? one.image === side.image : one.id === side.id,
  );
  const tree = readImage(store, side.image);
  const records = readableRecords(store, tree);
  const isChunked = args.choice('chunked', ['yes', 'no']) === 'yes';
  const exported = await exportOci(store, location, {
    ...{ tree, image: side.image, config: configOf(app, side.image, deployment) },
    labels: { ...labelsFor(store, tree), ...(deployment !== undefined && labelsOf(deployment)), ...given },
    annotations: {
      ...packageAnnotation(records, app.host.architecture),
      ...(isChunked && { [CHUNKING]: CHUNKING_VERSION }),
    },
    layering: isChunked ? chunk(store, tree, { records, prior, maxLayers }) : ONE_LAYER,
    compression: args.choice('compression', LAYER_COMPRESSIONS),
    there,
  });
  if (exported.omitted > 0)
    log(app.host.report, 'warning', `${exported.omitted} sockets were left out: OCI layers cannot hold any`);
  return { ...exported, image: side.image };
}

/** None where dpkg's database cannot be read: the image is exported as one without packages. */
function readableRecords(store: Store, tree: Tree): ReturnType<typeof recordsIn> {
  try {
    return recordsIn(store, tree);
  } catch (error) {
    if (!(error instanceof AptLayerError) || error.code !== 'FORMAT') throw error;
    log(store.host.report, 'warning', `${error.message}; all files are exported as those of no package`);
    return new Map();
  }
}

/** How its containers run, by the image itself or by the one it was made from. */
function configOf(
  { host, sysroot }: App,
  image: string,
  deployment: Deployment | undefined,
): ImageConfig | undefined {
  const own = keptConfig(host, sysroot, image);
  if (own !== undefined) return own;
  const base = deployment?.base?.digest;
  const found = base === undefined ? undefined : keptConfig(host, sysroot, base);
  return found === undefined ? undefined : { run: found.run, labels: inheritedLabels(found.labels) };
}

/** Those of its spec, and the version of the spec by its usual name. */
function labelsOf({ labels, version }: Deployment): Record<string, string> {
  return {
    ...(version !== undefined && { 'org.opencontainers.image.version': version }),
    ...labels,
  };
}

function labelOf(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new AptLayerError('USAGE', `the label ${JSON.stringify(text)} is not KEY=VALUE`);
}
