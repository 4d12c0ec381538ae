/** What became of a path of /etc that is not simply as it was. */
export interface EtcVerdict {
  /** Below /etc, with a leading slash. */
  readonly path: string;
  /**
   * `added`, `updated`, `removed`: as in the new image, as the machine had not touched it. `kept`: the machine's, which differs from the image it
   * came with. `kept-removed`: removed on the machine. `merged`: parts of both. `conflict`: the machine's is kept.
   */
  readonly verdict: 'added' | 'updated' | 'removed' | 'kept' | 'kept-removed' | 'merged' | 'conflict';
  /** Of a conflict: the name of the image's version in the same directory. Absent where there is none. */
  readonly beside?: string;
  /** Why there is none: it is a directory, which nobody would read there; a file of that name is not ours to replace; or no name can be so long. */
  readonly notBeside?: 'directory' | 'taken' | 'too-long';
}

const NOT_BESIDE: Readonly<Record<NonNullable<EtcVerdict['notBeside']>, string>> = {
  directory: 'the new image has a directory there, which is not written',
  taken:
    'the new version is not written beside it, as a file called NAME.dpkg-dist is there that is not from apt-layer',
  'too-long': 'the new version is not written beside it, as its name would be too long',
};

/** A conflict for people: what stays, and where the new version is. */
export function conflictText({ path, beside, notBeside }: EtcVerdict): string {
  const where =
    notBeside === undefined ? `the new version is beside it as ${beside ?? ''}` : NOT_BESIDE[notBeside];
  return `/etc${path} changed here and in the new image: yours is kept; ${where}`;
}
