import { AptLayerError, errnoOf } from '../../errors/index.ts';
import type { Host } from '../../host/index.ts';
import { log } from '../../report/index.ts';
import { readVex, type VexStatement } from '../../vulnerabilities/index.ts';

/** What the files of OpenVEX that a spec names say. A file that is not there, or not for who asks, silences nothing, and is no reason to say nothing. */
export function statementsIn(host: Host, files: readonly string[]): VexStatement[] {
  return files.flatMap(file => {
    try {
      return readVex(host.sys, file);
    } catch (error) {
      const isMissing =
        error instanceof AptLayerError ? error.code === 'NOT_FOUND' : errnoOf(error) === 'EACCES';
      if (!isMissing) throw error;
      log(host.report, 'warning', `the spec names ${file}, which cannot be read: it silences nothing`);
      return [];
    }
  });
}
