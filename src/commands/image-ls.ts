import { AptLayerError } from '../errors/index.ts';
import { listImages, listRefs, objectFile, openStore, type Store } from '../store/index.ts';
import type { CommandImplementation } from './definition.ts';
import { formatCount, formatSize, table } from './text/index.ts';

interface Result {
  readonly images: readonly {
    readonly digest: string;
    readonly bytes: number;
    readonly refs: readonly string[];
  }[];
}

export const command: CommandImplementation<Result> = {
  async run(app) {
    const store = storeIfAny(() => openStore(app.host, `${app.sysroot}/composefs`));
    if (store === undefined) return { images: [] };
    const refs = listRefs(store);
    const images = listImages(store).map(digest => ({
      digest,
      bytes: app.host.sys.lstatIfExists(objectFile(store, digest))?.size ?? 0,
      refs: refs.filter(ref => ref.image === digest).map(ref => ref.name),
    }));
    return { images };
  },
  render({ images }, style) {
    if (images.length === 0) return 'The store has no images.\n';
    const columns = [{ title: 'IMAGE' }, { title: 'METADATA', align: 'right' as const }, { title: 'NAMES' }];
    const isPackage = (refs: readonly string[]) =>
      refs.length > 0 && refs.every(name => name.startsWith('deb/'));
    const shown = images.filter(({ refs }) => !isPackage(refs));
    const rows = shown.map(({ digest, bytes, refs }) => [
      digest.slice(0, 12),
      formatSize(bytes),
      refs.join(' ') || '-',
    ]);
    const packages = images.length - shown.length;
    const rest = packages === 0 ? '' : `${formatCount(packages, 'imported package')}.\n`;
    return `${table(columns, rows, style)}${rest}`;
  },
};

function storeIfAny(open: () => Store): Store | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof AptLayerError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
