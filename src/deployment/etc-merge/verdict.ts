/** What became of a path of /etc that is not simply as it was. */
export interface EtcVerdict {
  /** Below /etc, with a leading slash. */
  readonly path: string;
  /**
   * `added`, `updated`, `removed`: as in the new image, as the machine had not touched it. `kept`: the machine's, which differs from the image it
   * came with. `kept-removed`: removed on the machine. `merged`: parts of both. `conflict`: the machine's is kept, the image's is beside it.
   */
  readonly verdict: 'added' | 'updated' | 'removed' | 'kept' | 'kept-removed' | 'merged' | 'conflict';
}
