import type { App } from '../app/index.ts';
import { AptLayerError } from '../errors/index.ts';
import {
  type ArchiveReference,
  type LayoutReference,
  parseImageName,
  parseImageReference,
  type StorageReference,
} from '../formats/reference/index.ts';
import { locationOf, type PriorImage } from '../oci/index.ts';
import { findPrior, readPrior, withStage, writeArchive } from '../registry/index.ts';
import type { ParsedArgs } from './args.ts';
import type { CommandImplementation } from './definition.ts';
import { type ExportedTo, exportTo } from './export-image.ts';
import { formatCount, formatSize } from './text/index.ts';

interface Result extends Omit<ExportedTo, 'tag'> {
  /** What was written, as it was named. */
  readonly destination: string;
  /** Of a layout; null for others. */
  readonly directory: string | null;
  readonly tag: string | null;
  /** As OCI writes digests. Of an archive, that of what it was made of. */
  readonly manifest: string;
}

export const command: CommandImplementation<Result> = {
  run(app, args) {
    const destination = args.argument('DESTINATION');
    const reference = destinationOf(destination);
    const asked = args.option('prior');
    return withStage(app.host, `${app.sysroot}/cache`, async stage => {
      const given =
        asked === undefined ? undefined : await readPrior(app.host, parseImageName(asked), `${stage}/prior`);
      const exported =
        reference.transport === 'oci'
          ? await toLayout(app, args, { reference, given })
          : await toArchive(app, args, { reference, given, stage });
      return { ...exported, destination, manifest: `sha256:${exported.manifest}` };
    });
  },
  render: ({ image, destination, directory, tag, manifest, size, layers }) => {
    const where = directory === null ? destination : `${directory} as ${tag}`;
    const isAllNew = layers.packed === layers.all;
    const packed = isAllNew ? '' : `, ${layers.packed} of them new with ${formatSize(layers.packedBytes)}`;
    return `${image.slice(0, 12)} is in ${where} (${formatSize(size)} in ${formatCount(layers.all, 'layer')}${packed})\n${manifest}\n`;
  },
};

type Written = Omit<Result, 'destination'>;

/** What has the tag is the prior image where none is named. */
async function toLayout(
  app: App,
  args: ParsedArgs,
  { reference, given }: { reference: LayoutReference; given: PriorImage | undefined },
): Promise<Written> {
  const location = locationOf(reference);
  const { directory, tag = 'latest' } = location;
  const replaced = { transport: 'oci', path: directory, name: tag } as const;
  const prior = given ?? (await findPrior(app.host, replaced, ''));
  return { ...(await exportTo(app, { location, prior }, args)), directory };
}

interface ToArchive {
  readonly reference: ArchiveReference | StorageReference;
  readonly given: PriorImage | undefined;
  readonly stage: string;
}

async function toArchive(
  app: App,
  args: ParsedArgs,
  { reference, given, stage }: ToArchive,
): Promise<Written> {
  if (reference.transport === 'docker-archive' && args.option('compression') === 'zstd')
    throw new AptLayerError('USAGE', "docker's archives have layers that are not packed", {
      hint: 'leave --compression out, or write an oci-archive',
    });
  const location = { directory: `${stage}/layout`, tag: 'image', sha256: undefined };
  const exported = await exportTo(app, { location, prior: given }, args);
  await writeArchive(app.host, location.directory, reference);
  return { ...exported, directory: null, tag: null };
}

/** Where an export goes. Registries have `push`. */
function destinationOf(text: string): LayoutReference | ArchiveReference | StorageReference {
  const reference = parseImageReference(text);
  if (reference.transport !== 'registry') return reference;
  throw new AptLayerError('USAGE', `${JSON.stringify(text)} is an image of a registry`, {
    hint: 'images go into registries with `apt-layer push`',
  });
}
