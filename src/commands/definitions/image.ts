import type { CommandDefinition } from '../definition.ts';

const DIGEST_OPTION = {
  name: 'digest',
  value: 'ALGORITHM',
  description: 'hash function of the fs-verity digests',
  choices: ['sha256', 'sha512'],
  default: 'sha256',
} as const;

export const imageCommands: readonly CommandDefinition[] = [
  {
    path: ['image', 'write'],
    group: 'image',
    summary: 'write a composefs image from a dump',
    description:
      'Reads a description of a file tree in the dump format of composefs and writes the EROFS image for it. ' +
      'The same dump gives the same bytes, and the same bytes that mkcomposefs writes.\n\n' +
      'The image holds names, metadata and small files; larger files are named by digest and live elsewhere.',
    arguments: [
      {
        name: 'IMAGE',
        description: 'file to write, or - for standard output',
        kind: 'optional',
        complete: 'file',
      },
    ],
    options: [
      {
        name: 'from-dump',
        value: 'FILE',
        description: 'dump to read, or - for standard input',
        complete: 'file',
      },
      {
        name: 'format-version',
        value: 'VERSION',
        description: 'image format; auto is 0, or 1 when the tree has whiteouts',
        choices: ['0', '1', 'auto'],
        default: 'auto',
      },
      DIGEST_OPTION,
      { name: 'print-digest', description: 'print the fs-verity digest of the image; IMAGE may be left out' },
    ],
    examples: [
      { command: 'image write --from-dump tree.dump tree.cfs', does: 'write an image file' },
      { command: 'image write --from-dump - --print-digest', does: 'only say which digest it would have' },
    ],
    mutates: true,
    load: () => import('../image-write.ts'),
  },
  {
    path: ['image', 'dump'],
    group: 'image',
    summary: 'print the file tree of a composefs image',
    description:
      'Prints what an image holds, one line per file, in the dump format that `image write` reads. ' +
      'Writing that dump again gives the same image.',
    arguments: [
      { name: 'IMAGE', description: 'image file to read, or - for standard input', complete: 'file' },
    ],
    examples: [{ command: 'image dump tree.cfs', does: 'print every file of an image' }],
    load: () => import('../image-dump.ts'),
  },
  {
    path: ['image', 'digest'],
    group: 'image',
    summary: 'print the fs-verity digest of a file',
    description:
      'Computes the digest by which the store names a file and the kernel verifies it, as ' +
      '`fsverity digest` does. It reads the file; fs-verity need not be on.',
    arguments: [{ name: 'FILE', description: 'file to read, or - for standard input', complete: 'file' }],
    options: [DIGEST_OPTION],
    examples: [{ command: 'image digest vmlinuz', does: 'print the digest of one file' }],
    load: () => import('../image-digest.ts'),
  },
];
