import type { App } from '../app/index.ts';
import { type Deployment, listDeployments } from '../deployment/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { type Exported, exportOci, type ImageConfig, keptConfig, type OciLocation } from '../oci/index.ts';
import { log } from '../report/index.ts';
import { openStore, readImage } from '../store/index.ts';
import type { ParsedArgs } from './args.ts';
import { sideOf } from './diff-sides.ts';

export interface ExportedTo extends Exported {
  /** Digest of the image that was exported. */
  readonly image: string;
}

/** What `export` and `push` do: writes what the argument IMAGE names, with the labels that were given, into a layout. */
export async function exportTo(app: App, location: OciLocation, args: ParsedArgs): Promise<ExportedTo> {
  const given = Object.fromEntries(args.optionList('label').map(labelOf));
  const store = openStore(app.host, `${app.sysroot}/composefs`);
  const deployments = listDeployments(app);
  const side = sideOf(() => store, deployments, args.argument('IMAGE'));
  // An image of the store has the labels of the deployment that was made of it.
  const deployment = deployments.find(one =>
    side.id === null ? one.image === side.image : one.id === side.id,
  );
  const labels = { ...(deployment !== undefined && labelsOf(deployment)), ...given };
  const config = configOf(app, [side.image, deployment?.base?.digest]);
  const tree = readImage(store, side.image);
  const exported = await exportOci(store, location, { tree, image: side.image, labels, config });
  if (exported.omitted > 0)
    log(app.host.report, 'warning', `${exported.omitted} sockets were left out: OCI layers cannot hold any`);
  return { ...exported, image: side.image };
}

/** How its containers run, by the image itself or by the one it was made from. */
function configOf({ host, sysroot }: App, images: readonly (string | undefined)[]): ImageConfig | undefined {
  for (const image of images) {
    const found = image === undefined ? undefined : keptConfig(host, sysroot, image);
    if (found !== undefined) return found;
  }
  return undefined;
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
