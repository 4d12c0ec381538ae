import { withContextSync } from '../../errors/index.ts';
import { type ContentSink, contentSink, type ObjectPlace, storeTree } from '../../store/index.ts';
import type { Sys } from '../../sys/index.ts';
import { withArchive } from './archive.ts';
import { controlReader } from './control-members.ts';
import { type DataTree, dataReader } from './data-tree.ts';
import { encodePackage } from './encode.ts';
import { CONTROL_LIMITS, DATA_LIMITS } from './limits.ts';
import type { ControlMember } from './model.ts';

/** A .deb to import. */
export interface ImportJob {
  readonly path: string;
  /** Lower-case hex, as an index says; checked before anything is stored. */
  readonly sha256: string;
  /** Reads what the store has of it already, and replaces what is damaged. */
  readonly repair: boolean;
}

/**
 * Stores the contents of a .deb and its package image, and returns the image's digest. Nothing refers to any of it
 * yet, so that a crash leaves only litter. INTEGRITY for another hash, FORMAT with member and offset for an archive
 * that is damaged or hostile.
 */
export function importOne(sys: Sys, place: ObjectPlace, job: ImportJob): string {
  const sink = contentSink(sys, place, { repair: job.repair });
  return withContextSync(`importing ${job.path}`, () =>
    withArchive(sys, job, archive => {
      try {
        const control = controlReader();
        archive.read('control', { handler: control.handler, limits: CONTROL_LIMITS });
        const data = dataReader(sink);
        archive.read('data', { handler: data.handler, limits: DATA_LIMITS });
        return storePackage(sink, place, { control: control.members, data: data.tree });
      } finally {
        sink.abandon();
      }
    }),
  );
}

function storePackage(
  sink: ContentSink,
  place: ObjectPlace,
  parts: { control: ReadonlyMap<string, ControlMember>; data: DataTree },
): string {
  const { control, data } = parts;
  const tree = encodePackage({ data: data.root, control, entries: data.entries }, sink);
  return storeTree(sink, place, tree);
}
